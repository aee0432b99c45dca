//! `completions`, `man`: what shells and readers of manuals need, made from the definition of the command line.

use std::io::Write;

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use super::{Cli, Failure, print};

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell that is to complete commands
    shell: Shell,
}

impl CompletionsArgs {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "sas-emulator", &mut script);
        // For bash, the generator takes the - of the name for one between two commands, in some places only.
        print(&String::from_utf8_lossy(&script).replace("sas__subcmd__emulator", "sas__emulator"))
    }
}

/// One page with all commands.
pub(super) fn man() -> Result<(), Failure> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    let main = Man::new(command.clone());
    main.render_title(&mut page)?;
    main.render_name_section(&mut page)?;
    main.render_synopsis_section(&mut page)?;
    main.render_options_section(&mut page)?;
    for noun in command.get_subcommands().filter(|noun| noun.get_name() != "help") {
        section(noun, &mut page)?;
    }
    main.render_extra_section(&mut page)?;
    print(&String::from_utf8_lossy(&page))
}

/// A command and those that it has.
fn section(command: &Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_uppercase();
    writeln!(page, ".SH \"{name}\"")?;
    if let Some(about) = command.get_about() {
        writeln!(page, "{}", about.to_string().replace('\\', "\\e"))?;
    }
    let mut own = Vec::new();
    let man = Man::new(command.clone());
    man.render_synopsis_section(&mut own)?;
    man.render_options_section(&mut own)?;
    // Beneath the command, not beside it; and what a page begins with is there already.
    let own = String::from_utf8_lossy(&own).replace(".SH ", ".SS ");
    let begins_page = |line: &&str| line.starts_with(".ie ") || line.starts_with(".el ");
    for line in own.split_inclusive('\n').filter(|line| !begins_page(line)) {
        page.write_all(line.as_bytes())?;
    }
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        section(inner, page)?;
    }
    Ok(())
}
