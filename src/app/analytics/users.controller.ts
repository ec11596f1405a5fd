import { Controller, Get, Param, Query } from '@nestjs/common';
import { CacheService, type Lookup } from '../../index.js';
import { CachedAnswer } from '../http/cached-answer.js';
import { UserActivityAnswer, UserProfileAnswer } from './answers/subject.answers.js';
import { UserActivity, UserProfile } from './keys.js';
import { IdParam } from './requests/params.js';
import { TimeframeQuery } from './requests/queries.js';
import { spotChecked } from './spot-checks.js';
import { SubjectsService } from './subjects.service.js';

/** What users have done. */
@Controller('users')
export class UsersController {
  constructor(
    private readonly cache: CacheService,
    private readonly subjects: SubjectsService,
  ) {}

  @Get(':id/profile')
  @CachedAnswer(UserProfileAnswer)
  profile(@Param() { id }: IdParam, @Query() { timeframe }: TimeframeQuery): Promise<Lookup<UserProfileAnswer>> {
    return this.cache.lookup(
      UserProfile({ userId: id, timeframe }),
      () => this.subjects.userProfile(id, timeframe),
      spotChecked(timeframe),
    );
  }

  @Get(':id/activity')
  @CachedAnswer(UserActivityAnswer)
  activity(@Param() { id }: IdParam, @Query() { timeframe }: TimeframeQuery): Promise<Lookup<UserActivityAnswer>> {
    return this.cache.lookup(
      UserActivity({ userId: id, timeframe }),
      () => this.subjects.userActivity(id, timeframe),
      spotChecked(timeframe),
    );
  }
}
