/** What COMMAND DOCS says of the commands of the group pubsub. */
import type { CommandDocs } from '../command-docs.ts';

export const pubsubDocs: CommandDocs = {
  subscribe: {
    summary: 'Listens to channels.',
    since: '2.0.0',
    complexity: 'O(N) in the channels',
    syntax: 'channel+',
  },
  unsubscribe: {
    summary: 'Listens no longer to channels.',
    since: '2.0.0',
    complexity: 'O(N) in the channels',
    syntax: '[channel+]',
  },
  psubscribe: {
    summary: 'Listens to all channels whose names match patterns.',
    since: '2.0.0',
    complexity: 'O(N) in the patterns',
    syntax: 'pattern:p+',
  },
  punsubscribe: {
    summary: 'Listens no longer to patterns of channels.',
    since: '2.0.0',
    complexity: 'O(N) in the patterns',
    syntax: '[pattern:p+]',
  },
  ssubscribe: {
    summary: 'Listens to channels of a shard.',
    since: '7.0.0',
    complexity: 'O(N) in the channels',
    syntax: 'shardchannel+',
  },
  sunsubscribe: {
    summary: 'Listens no longer to channels of a shard.',
    since: '7.0.0',
    complexity: 'O(N) in the channels',
    syntax: '[shardchannel+]',
  },
  publish: {
    summary: 'Sends a message to a channel.',
    since: '2.0.0',
    complexity: 'O(N+M) in the subscribers of the channel and the patterns there are',
    syntax: 'channel message',
  },
  spublish: {
    summary: 'Sends a message to a channel of a shard.',
    since: '7.0.0',
    complexity: 'O(N) in the subscribers of the channel',
    syntax: 'shardchannel message',
  },
  pubsub: { summary: 'Holds the commands about channels.', since: '2.8.0', complexity: 'Depends on subcommand.' },
  'pubsub|channels': {
    summary: 'Names the channels that somebody listens to.',
    since: '2.8.0',
    complexity: 'O(N) in the channels',
    syntax: '[pattern:p]',
  },
  'pubsub|numsub': {
    summary: 'Counts who listens to channels.',
    since: '2.8.0',
    complexity: 'O(N) in the channels asked for',
    syntax: '[channel+]',
  },
  'pubsub|numpat': { summary: 'Counts the patterns that somebody listens to.', since: '2.8.0', complexity: 'O(1)' },
  'pubsub|shardchannels': {
    summary: 'Names the channels of the shard that somebody listens to.',
    since: '7.0.0',
    complexity: 'O(N) in the channels',
    syntax: '[pattern:p]',
  },
  'pubsub|shardnumsub': {
    summary: 'Counts who listens to channels of the shard.',
    since: '7.0.0',
    complexity: 'O(N) in the channels asked for',
    syntax: '[shardchannel+]',
  },
  'pubsub|help': { summary: 'Tells what the subcommands are.', since: '6.2.0', complexity: 'O(1)' },
};
