import { Module } from '@nestjs/common';
import { AnalyticsModule } from '../analytics/analytics.module.js';
import { RunRecorder } from './run-recorder.js';
import { RunsController } from './runs.controller.js';
import { RunsWriter } from './runs.writer.js';

/** The one road by which runs are written while the backend serves. */
@Module({ imports: [AnalyticsModule], controllers: [RunsController], providers: [RunRecorder, RunsWriter] })
export class RunsModule {}
