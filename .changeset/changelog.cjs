/* How a change stands in CHANGELOG.md: its own words, with nothing before them. */
module.exports = {
  getReleaseLine: async ({ summary }) => {
    const [first, ...others] = summary.trim().split('\n');
    return [`- ${first}`, ...others.map((line) => (line === '' ? '' : `  ${line}`))].join('\n');
  },
  // One package: nothing here depends on another release of it.
  getDependencyReleaseLine: async () => '',
};
