import { Controller, Get, Param, Query } from '@nestjs/common';
import { CacheService, type Lookup } from '../../index.js';
import { CachedAnswer } from '../http/cached-answer.js';
import { WorkspaceOverviewAnswer } from './answers/subject.answers.js';
import { WorkspaceOverview } from './keys.js';
import { IdParam } from './requests/params.js';
import { TimeframeQuery } from './requests/queries.js';
import { spotChecked } from './spot-checks.js';
import { SubjectsService } from './subjects.service.js';

/** What was done in workspaces. */
@Controller('workspaces')
export class WorkspacesController {
  constructor(
    private readonly cache: CacheService,
    private readonly subjects: SubjectsService,
  ) {}

  @Get(':id/overview')
  @CachedAnswer(WorkspaceOverviewAnswer)
  overview(@Param() { id }: IdParam, @Query() { timeframe }: TimeframeQuery): Promise<Lookup<WorkspaceOverviewAnswer>> {
    return this.cache.lookup(
      WorkspaceOverview({ workspaceId: id, timeframe }),
      () => this.subjects.workspaceOverview(id, timeframe),
      spotChecked(timeframe),
    );
  }
}
