#!/usr/bin/env bash
# dpkg installs postseal-milter, upgrades it, removes and purges it, on a copy of this machine
# that is thrown away (an overlay). That takes root and mounts: without, it says so and passes.
set -euo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

if [[ ${1:-} != inside ]]; then
  packages=$(mktemp -d)
  trap 'rm -rf "$packages"' EXIT
  PYTHONDONTWRITEBYTECODE=1 python3 packaging/deb.py "$packages"
  probe='mount -t tmpfs tmpfs /mnt && mkdir /mnt/{up,work,root} &&
    mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/up,workdir=/mnt/work /mnt/root'
  if [[ $EUID != 0 ]] || ! unshare --mount bash -c "$probe" 2>/dev/null; then
    echo "skipped: it takes root, a mount namespace and an overlay"
    exit 0
  fi
  unshare --mount bash "$0" inside "$packages"
  exit
fi

mount -t tmpfs tmpfs /mnt
mkdir /mnt/{up,work,root}
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/up,workdir=/mnt/work /mnt/root
mount --bind /proc /mnt/root/proc
mount --bind /dev /mnt/root/dev
mkdir /mnt/root/debs
cp "$2"/postseal{,-milter}_*.deb /mnt/root/debs
chroot /mnt/root /bin/bash -euo pipefail -c '
  is() { [[ $(stat -c "%U:%G %a" "$1") == "$2" ]] || { stat "$1"; exit 1; }; }
  dpkg -i /debs/*.deb
  is /etc/postseal/keys "root:postseal 750"
  is /var/lib/postseal "postseal:postseal 750"
  is /run/postseal "postseal:postseal 750"
  [[ $(getent passwd postseal) == *:/usr/sbin/nologin ]]
  setpriv --reuid postseal --regid postseal --init-groups \
    postseal-milter -n -c /etc/postseal-milter.conf | grep "The configuration can be used"
  # What the administrator made stays: the configuration through an upgrade, keys for ever.
  echo "# mine" >> /etc/postseal-milter.conf
  touch /etc/postseal/keys/mine /var/lib/postseal/facts.sqlite
  dpkg -i /debs/postseal-milter_*.deb
  dpkg -r postseal-milter
  grep "# mine" /etc/postseal-milter.conf
  [[ -e /var/lib/postseal/facts.sqlite ]]
  dpkg -P postseal-milter
  [[ ! -e /etc/postseal-milter.conf && ! -e /var/lib/postseal && -e /etc/postseal/keys/mine ]]
' </dev/null
echo "installed, upgraded, removed and purged"
