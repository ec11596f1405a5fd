import {
  type CanActivate,
  Controller,
  Get,
  Inject,
  Param,
  Post,
  Req,
  Res,
  type Type,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { Dashboard } from './dashboard.js';
import { WebExchange, type WebRequest } from './http/web-exchange.js';

/** A controller of its own for each application: Nest keeps the path and the guards of one at its class. */
export function controllerOf(path: string, guards: readonly (CanActivate | Type<CanActivate>)[]): Type<unknown> {
  @Controller({ path, version: VERSION_NEUTRAL })
  @UseGuards(...guards)
  class DashboardController {
    constructor(@Inject(Dashboard) private readonly dashboard: Dashboard) {}

    @Get()
    page(@Req() request: WebRequest, @Res() response: unknown): Promise<void> {
      return this.dashboard.page(new WebExchange(request, response));
    }

    @Get('assets/:file')
    asset(@Req() request: WebRequest, @Res() response: unknown, @Param('file') file: string): Promise<void> {
      return this.dashboard.asset(new WebExchange(request, response), file);
    }

    @Get(':what')
    read(@Req() request: WebRequest, @Res() response: unknown, @Param('what') what: string): Promise<void> {
      return this.dashboard.read(new WebExchange(request, response), what);
    }

    @Post(':what')
    post(@Req() request: WebRequest, @Res() response: unknown, @Param('what') what: string): Promise<void> {
      return this.dashboard.post(new WebExchange(request, response), what);
    }
  }
  // Not a part of the application's API, for those who describe that with @nestjs/swagger.
  Reflect.defineMetadata('swagger/apiExcludeController', [true], DashboardController);
  return DashboardController;
}
