-- Long dates. A row is one deadline for one mailbox that is told of it: it goes
-- from step to step, and at is when it is looked at next.
create table deadline (
  id           {id},
  key          text not null unique,
  cause        text not null check (cause in ('pending', 'inactive', 'disabled', 'leaver', 'deleted', 'password', 'approval', 'consent')),
  account      text not null,
  mailbox      text not null,
  request      {int} not null,
  since        text not null,
  ends         text not null,
  ends_at      {int} not null, -- the day's beginning
  last         text not null,
  step         {int} not null check (step >= 0),
  at           {int} not null,
  state        text not null default 'ready' check (state in ('ready', 'running', 'done', 'cancelled')),
  attempts     {int} not null default 0,
  locked_until {int} not null default 0,
  node         {int} not null default 0,
  check ((state = 'running') = (locked_until > 0)),
  check (account <> '' or request > 0)
) {strict};
create index deadline_ready on deadline (at) where state = 'ready';
create index deadline_running on deadline (locked_until) where state = 'running';
create index deadline_account on deadline (account) where state in ('ready', 'running');
create index deadline_request on deadline (request) where request > 0 and state in ('ready', 'running');
create index deadline_mailbox on deadline (mailbox, ends_at) where state in ('ready', 'running');
create index deadline_ahead on deadline (ends_at, id) where state in ('ready', 'running');

-- The version of an account for which its deadlines were last reckoned.
alter table account add column watched {int} not null default 0;
create index account_unwatched on account (id) where watched <> version;
