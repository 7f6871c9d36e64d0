//! Finding a program on a search path that the caller gives.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Returns the first executable file named `program` in the folders of `path_variable` (separated by `:`). A name with a slash
/// is taken as a path of its own. Empty and relative folders are passed over, so that the working folder never decides.
pub fn find(program: &str, path_variable: &str) -> Option<PathBuf> {
    if program.contains('/') {
        let path = PathBuf::from(program);
        return is_executable(&path).then_some(path);
    }
    std::env::split_paths(path_variable)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(program))
        .find(|candidate| is_executable(candidate))
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_only_executables_in_absolute_folders() {
        assert_eq!(find("sh", "relative::/nonexistent:/bin"), Some(PathBuf::from("/bin/sh")));
        assert_eq!(find("passwd", "/etc"), None);
        assert_eq!(find("sh", ""), None);
        assert_eq!(find("/bin/sh", ""), Some(PathBuf::from("/bin/sh")));
    }
}
