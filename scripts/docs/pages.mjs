/** The pages as the site's navigation has them: a section, its pages (paths in the repository), each with its short name. */
export const sections = [
  {
    title: 'Kernelkit',
    pages: [
      ['README.md', 'What it is'],
      ['CHANGELOG.md', 'Changes'],
    ],
  },
  {
    title: 'Tutorials',
    pages: [
      ['docs/tutorials/editor.md', 'For an editor'],
      ['docs/tutorials/agent.md', 'For an agent'],
      ['docs/tutorials/ci.md', 'Notebooks in CI'],
      ['docs/tutorials/does-not-start.md', 'My kernel does not start'],
      ['examples/README.md', 'Examples'],
    ],
  },
  {
    title: 'How it works',
    pages: [
      ['docs/concepts.md', 'Concepts'],
      ['docs/discovery.md', 'How kernels are found'],
      ['docs/activation.md', 'How environments are activated'],
      ['docs/protocol.md', 'Protocol notes'],
      ['docs/kernels.md', 'What real kernels do'],
      ['docs/security.md', 'Security'],
    ],
  },
  {
    title: 'Use',
    pages: [
      ['docs/command.md', 'The command'],
      ['docs/console.md', 'The console'],
      ['docs/servers.md', 'Jupyter servers'],
      ['docs/gateway.md', 'The gateway'],
    ],
  },
  {
    title: 'When it fails',
    pages: [
      ['docs/troubleshooting.md', 'By kind of error'],
      ['docs/failures.md', 'A start that failed'],
    ],
  },
  {
    title: 'Packages',
    pages: [
      ['packages/cli/README.md', 'kernelkit'],
      ['packages/core/README.md', '@kernelkit/core'],
      ['packages/server/README.md', '@kernelkit/server'],
      ['packages/lab/README.md', '@kernelkit/lab'],
      ['packages/protocol/README.md', '@kernelkit/protocol'],
      ['packages/zmtp/README.md', '@kernelkit/zmtp'],
    ],
  },
  {
    title: 'For contributors',
    pages: [
      ['docs/contributing.md', 'Contributing'],
      ['docs/releasing.md', 'Releasing'],
      ['testing/README.md', 'Tests'],
      ['bench/RESULTS.md', 'Benchmarks'],
    ],
  },
];
