package org.gatefold.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What commands have in common: their description, and where they print. For one call. */
abstract class Subcommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    final CommandSpec spec() {
        return spec;
    }

    /** Where results are printed. */
    final PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
