-- The programs that serve this database. Each beats while it lives; of one whose
-- beat stands still the others say that it is gone, and its claims go on.
create table node (
  id        {id},
  name      text not null,
  beat      {int} not null default 0,
  gone      {int} not null default 0 check (gone in (0, 1)),
  joined_at {int} not null
) {strict};
create index node_here on node (id) where gone = 0;

-- What only one of them does at a time, and which: 0 is nobody. Each holder in
-- turn has a fence of its own.
create table holder (
  role  text primary key,
  node  {int} not null,
  fence {int} not null
) {strict};
insert into holder (role, node, fence) values ('inbox', 0, 0);

alter table mail add column node {int} not null default 0;
alter table work add column node {int} not null default 0;
alter table due add column node {int} not null default 0;
alter table click add column node {int} not null default 0;

-- Work that people do, rather than a directory by itself.
alter table work add column people {int} not null default 0 check (people in (0, 1));
create index work_people on work (due_at, id) where people = 1 and state in ('running', 'pending', 'failed');
