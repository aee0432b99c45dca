//! A folder of scenario files (`--init-dir`): which of them count, in which order, and what is said of wrong ones.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use sas_emulator::internals::scenario::folder::{self, MOST_BYTES, MOST_FILES};
use sas_emulator::internals::scenario::{LoadError, Scenario, Watch};

/// A separate folder for each test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    #[expect(clippy::disallowed_methods, reason = "the test puts a scenario file there")]
    fn write(&self, name: &str, rest: &str) {
        fs::write(self.0.join(name), format!("version: 1\nname: {}\n{rest}\n", name.replace('/', "-")))
            .unwrap();
    }

    /// The names of the files that count.
    fn names(&self) -> Vec<String> {
        let of = |path: &String| Path::new(path).file_name().unwrap().to_str().unwrap().to_owned();
        folder::files(&self.0).unwrap().iter().map(of).collect()
    }

    /// Why none counts, without the folder's own name.
    fn error(&self) -> String {
        folder::files(&self.0).unwrap_err().to_string().replace(self.0.to_str().unwrap(), "init")
    }

    fn begin(&self) -> Result<(Scenario, Watch), LoadError> {
        Watch::begin(vec!["default".to_owned()], Some(self.0.clone()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What is loaded once it stands still.
fn settled(watch: &mut Watch) -> Option<Result<Scenario, LoadError>> {
    watch.look().or_else(|| watch.look())
}

#[test]
fn files_count_in_the_order_of_their_names() {
    let folder = Folder::new("order");
    for name in ["9.json", "10.yaml", "b.YML", "a.yaml", ".hidden.yaml", "notes.txt", "yaml", "a.yaml.orig"] {
        folder.write(name, "");
    }
    assert_eq!(folder.names(), ["10.yaml", "9.json", "a.yaml", "b.YML"]);
}

#[test]
fn each_is_laid_over_those_before_it_and_all_over_the_named_scenarios() {
    let folder = Folder::new("laid");
    folder.write("20.yaml", "seed: 20");
    folder.write("10.yaml", "seed: 10\nfaults: [{ id: ten, effect: { delay: 1s } }]");
    let (scenario, _) = folder.begin().unwrap();
    assert_eq!((scenario.name.as_str(), scenario.seed, scenario.faults.len()), ("20.yaml", Some(20), 1));
    let sources: Vec<&str> = scenario.sources.iter().map(|source| source.source.as_str()).collect();
    let path = |name: &str| folder.0.join(name).to_str().unwrap().to_owned();
    assert_eq!(sources, ["default", &path("10.yaml"), &path("20.yaml")]);
}

#[test]
fn a_folder_may_be_empty_and_must_exist() {
    let folder = Folder::new("empty");
    assert_eq!(folder.begin().unwrap().0.name, "default");
    fs::remove_dir(&folder.0).unwrap();
    assert!(folder.error().starts_with("init: cannot be read: No such file"), "{}", folder.error());
    assert!(folder.error().contains("--init-dir wants a folder that exists"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "so does the kubelet")]
fn a_config_map_of_kubernetes_is_read_through_its_links() {
    let folder = Folder::new("config-map");
    for (revision, seed) in [("..2026_01", "seed: 1"), ("..2026_02", "seed: 2")] {
        fs::create_dir(folder.0.join(revision)).unwrap();
        folder.write(&format!("{revision}/emulator.yaml"), seed);
    }
    symlink("..2026_01", folder.0.join("..data")).unwrap();
    symlink("..data/emulator.yaml", folder.0.join("emulator.yaml")).unwrap();
    assert_eq!(folder.names(), ["emulator.yaml"]);
    let (scenario, mut watch) = folder.begin().unwrap();
    assert_eq!(scenario.seed, Some(1));
    // An update is one renaming of a link.
    symlink("..2026_02", folder.0.join("..data_tmp")).unwrap();
    fs::rename(folder.0.join("..data_tmp"), folder.0.join("..data")).unwrap();
    assert_eq!(settled(&mut watch).unwrap().unwrap().seed, Some(2));
}

#[test]
fn files_that_come_and_go_are_seen() {
    let folder = Folder::new("come-and-go");
    let (_, mut watch) = folder.begin().unwrap();
    assert!(watch.has_files() && settled(&mut watch).is_none());
    folder.write("a.yaml", "seed: 1");
    assert_eq!(settled(&mut watch).unwrap().unwrap().seed, Some(1));
    folder.write("b.yaml", "sed: 2");
    let report = settled(&mut watch).unwrap().unwrap_err().report();
    assert!(report.contains("/b.yaml:3:1: there is no key \"sed\" here; did you mean seed?"), "{report}");
    assert!(report.ends_with("3 | sed: 2\n  | ^"), "{report}");
    fs::remove_file(folder.0.join("b.yaml")).unwrap();
    assert_eq!(settled(&mut watch).unwrap().unwrap().seed, Some(1));
    fs::remove_file(folder.0.join("a.yaml")).unwrap();
    assert_eq!(settled(&mut watch).unwrap().unwrap().name, "default");
}

#[test]
fn what_is_no_file_is_reported() {
    let folder = Folder::new("no-file");
    fs::create_dir(folder.0.join("a.yaml")).unwrap();
    assert_eq!(
        folder.error(),
        "init/a.yaml: is a folder; Docker makes one where the file that it should mount is missing"
    );
    fs::remove_dir(folder.0.join("a.yaml")).unwrap();
    symlink("/dev/zero", folder.0.join("b.yaml")).unwrap();
    assert_eq!(folder.error(), "init/b.yaml: is not a regular file");
    fs::remove_file(folder.0.join("b.yaml")).unwrap();
    symlink("absent", folder.0.join("c.yaml")).unwrap();
    assert!(folder.begin().unwrap_err().to_string().contains("c.yaml: cannot be read"));
}

#[test]
fn there_is_a_bound_on_files_and_on_bytes() {
    let folder = Folder::new("bounds");
    for number in 0..=MOST_FILES {
        folder.write(&format!("{number}.yaml"), "");
    }
    assert_eq!(folder.error(), format!("init: has more than {MOST_FILES} scenario files"));
    fs::remove_file(folder.0.join("0.yaml")).unwrap();
    assert_eq!(folder.names().len(), MOST_FILES);
    fs::File::options().write(true).open(folder.0.join("1.yaml")).unwrap().set_len(MOST_BYTES).unwrap();
    assert_eq!(folder.error(), format!("init: has more than {MOST_BYTES} bytes in scenario files"));
}
