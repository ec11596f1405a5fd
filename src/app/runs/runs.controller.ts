import { Body, Controller, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiExtraModels,
  getSchemaPath,
} from '@nestjs/swagger';
import { Problem } from '../http/problem.js';
import { MOST_RUNS, OneOrManyRunsPipe } from './one-or-many.pipe.js';
import { RecordedAnswer } from './recorded.answer.js';
import { RunRecorder } from './run-recorder.js';
import { RunRequest } from './run.request.js';

const RUN = { $ref: getSchemaPath(RunRequest) };

/** Takes new runs, and tells of what they change. */
@Controller('runs')
export class RunsController {
  constructor(private readonly recorder: RunRecorder) {}

  /** Records one run or many, all or none. Once it has answered, no cached answer lacks them. */
  @Post()
  @ApiExtraModels(RunRequest)
  @ApiBody({ schema: { oneOf: [RUN, { type: 'array', items: RUN, minItems: 1, maxItems: MOST_RUNS }] } })
  @ApiCreatedResponse({ type: RecordedAnswer })
  @ApiBadRequestResponse({ type: Problem })
  @ApiConflictResponse({ type: Problem, description: 'A run of that id is recorded already' })
  async record(@Body(OneOrManyRunsPipe) requests: RunRequest[]): Promise<RecordedAnswer> {
    const { runIds, changed } = await this.recorder.record(requests);
    return { recorded: runIds.length, runIds, changed };
  }
}
