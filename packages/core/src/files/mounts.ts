/** A mounted file system whose server may be gone, so that a call on it may never return. */
export interface RemoteMount {
  /** Where it is mounted. */
  point: string;
  /** `nfs4`, `cifs`, `fuse.sshfs`, … */
  type: string;
}

/**
 * File systems that answer from this machine (or, 9p and virtiofs, from the host that it runs on). Whatever is not listed
 * may hang: a list of the remote ones would forget one.
 */
const LOCAL = new Set(
  `9p adfs affs anon_inodefs apfs bcachefs bfs binder binfmt_misc bpf btrfs cgroup cgroup2 configfs cramfs debugfs devpts devtmpfs
  drvfs ecryptfs efivarfs efs erofs exfat ext2 ext3 ext4 f2fs fuseblk fusectl gadgetfs hfs hfsplus hpfs hugetlbfs iso9660 jffs2 jfs
  lxfs minix mqueue msdos nilfs2 nsfs ntfs ntfs3 omfs overlay overlayfs proc pstore qnx4 qnx6 ramfs reiserfs rootfs rpc_pipefs
  securityfs selinuxfs squashfs sysfs sysv tmpfs tracefs ubifs udf ufs vboxsf vfat virtiofs wslfs xfs zfs`.split(/\s+/),
);

/**
 * The mounts of `/proc/self/mountinfo` that are not known to be local, the deepest first (proc(5): fields up to a lone `-`, then the
 * type). The root itself counts as local whatever it is: this program came from it.
 */
export function remoteMounts(mountinfo: string): RemoteMount[] {
  const mounts: RemoteMount[] = [];
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ', 2);
    const point = before?.split(' ')[4];
    const type = after?.split(' ')[0];
    if (point === undefined || type === undefined || point === '/' || LOCAL.has(type)) continue;
    mounts.push({ point: unquoted(point), type });
  }
  return mounts.sort((a, b) => b.point.length - a.point.length);
}

/** Space, tab, newline and backslash come as `\040` and the like. */
function unquoted(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_whole, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The mount that a path with no link in it lies on; null: a local one. A share named by UNC path is remote on Windows. */
export function mountOf(platform: NodeJS.Platform, path: string, mounts: readonly RemoteMount[]): RemoteMount | null {
  if (platform === 'win32' && /^[\\/]{2}(?![?.][\\/])/.test(path)) return { point: path, type: 'network share' };
  return (
    mounts.find(({ point }) => path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`)) ?? null
  );
}
