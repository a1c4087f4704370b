// An error class that both threads know; the tests import it too.
import { registerError } from 'offloop';

export class PaymentError extends Error {
  override name = 'PaymentError';
  readonly account: string;

  constructor(message: string, account: string) {
    super(message);
    this.account = account;
  }

  hint(): string {
    return `look at ${this.account}`;
  }
}
registerError(PaymentError);

export function pay(account: string): void {
  throw new PaymentError('no money', account);
}

export function payTogether(): void {
  throw new AggregateError([new PaymentError('no money', 'B2')], 'several', {
    cause: new PaymentError('the cause', 'C3'),
  });
}
