-- Messages that could not be brought: how often fetching one broke the
-- connection, and those given up, which staff look at in the mailbox itself.
create table unfetched (
  folder      text not null,
  uidvalidity {int} not null,
  uid         {int} not null,
  failed      {int} not null default 0,
  parked      {int} not null default 0 check (parked in (0, 1)),
  why         text not null default '',
  primary key (folder, uidvalidity, uid),
  check (parked = 0 or why <> '')
) {strict};
