import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { afterEach, describe, expect, it } from 'vitest';
import { Cacheable, defineKey, InvalidateOn, InvalidationService, UserChanged } from '../../src/index.js';
import { Applications } from './applications.js';

const Orders = defineKey('orders:{userId}');

class OrderPaid {
  static readonly event = 'order.paid';
  constructor(
    readonly userId: string,
    readonly eventId?: string,
  ) {}
}

class OrdersBase {
  loads = 0;

  @Cacheable(Orders, { key: ['userId'] })
  @InvalidateOn(OrderPaid, { key: ({ userId }) => Orders({ userId }) })
  @InvalidateOn('orders.imported', { pattern: 'orders:*' })
  @InvalidateOn(UserChanged, { tags: ({ id }) => [`customer:${id}`] })
  async of(_userId: string): Promise<number> {
    this.loads += 1;
    return Promise.resolve(this.loads);
  }
}

@Injectable()
class OrdersService extends OrdersBase {}

@Injectable()
class OtherOrdersService extends OrdersBase {}

describe('InvalidateOn', () => {
  const applications = new Applications();
  afterEach(() => applications.close());

  it('invalidates what the event concerns, and nothing else', async () => {
    const app = await applications.start({ providers: [OrdersService] });
    const [orders, events] = [app.get(OrdersService), app.get(EventEmitter2)];
    expect([await orders.of('1'), await orders.of('2')]).toEqual([1, 2]);
    await events.emitAsync(OrderPaid.event, new OrderPaid('1'));

    expect([await orders.of('1'), await orders.of('2')]).toEqual([3, 2]);
    await events.emitAsync('orders.imported');
    expect([await orders.of('1'), await orders.of('2')]).toEqual([4, 5]);
  });

  it('acts once upon an occurrence told twice', async () => {
    const app = await applications.start({ providers: [OrdersService] });
    const [orders, events] = [app.get(OrdersService), app.get(EventEmitter2)];
    await events.emitAsync(OrderPaid.event, new OrderPaid('1', 'e1'));
    await orders.of('1');
    await events.emitAsync(OrderPaid.event, new OrderPaid('1', 'e1'));

    expect(await orders.of('1')).toBe(1);
  });

  it('is one rule, however many classes inherit it', async () => {
    const app = await applications.start({ providers: [OrdersService, OtherOrdersService] });
    const rules = app.get(InvalidationService).rules();

    expect(rules.filter(({ event }) => event === OrderPaid.event)).toEqual([
      { event: 'order.paid', description: 'what OrdersBase.of has cached' },
    ]);
  });

  it('is no rule where no class with the method is provided', async () => {
    const app = await applications.start({ providers: [] });

    expect(
      app
        .get(InvalidationService)
        .rules()
        .map(({ event }) => event),
    ).not.toContain(OrderPaid.event);
  });

  it('does not fail the emitter, whatever the payload', async () => {
    const app = await applications.start({ providers: [OrdersService] });
    const [orders, events] = [app.get(OrdersService), app.get(EventEmitter2)];
    await orders.of('1');
    await events.emitAsync(OrderPaid.event, new OrderPaid('a:b'));
    await events.emitAsync(OrderPaid.event, undefined);

    expect(await orders.of('1')).toBe(1);
  });
});
