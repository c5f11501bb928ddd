-- The public key that a backup's disks are encrypted to; null for those that are not.

alter table backup add column encrypted_to text;
