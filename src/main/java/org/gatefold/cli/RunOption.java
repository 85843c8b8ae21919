package org.gatefold.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.gatefold.recipe.RunFolder;
import org.gatefold.train.report.History;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** The options on the folder of a run; mixed into commands that train. */
final class RunOption {
    /** Options that say where to go on, not with what. */
    private static final Set<String> KEPT =
            Set.of("--out", "--resume", "--device", "--threads", "--verbose", "--debug");

    @Option(names = "--out", paramLabel = "DIR", description = "Folder of the run; a new one under runs/ by default.")
    private Path out;

    @Option(
            names = "--resume",
            description =
                    "Go on with the run in --out, or with the latest one under runs/, with the options it began with.")
    private boolean resume;

    boolean resume() {
        return resume;
    }

    /** Says which of the options that were given have no effect on a run that goes on. */
    void tellIgnored(CommandSpec command) {
        List<String> ignored = command.commandLine().getParseResult().matchedOptions().stream()
                .map(OptionSpec::longestName)
                .filter(name -> !KEPT.contains(name))
                .toList();
        if (!ignored.isEmpty()) {
            command.commandLine()
                    .getErr()
                    .println("--resume goes on with the options that the run began with; ignored: "
                            + String.join(", ", ignored));
        }
    }

    /** Says how to go on with a run that was stopped; the exit code. */
    static int tellInterrupted(PrintWriter terminal, RunFolder folder, String recipe, History history) {
        terminal.println("stopped after " + history.epochs().size() + " epochs; go on with: gatefold train " + recipe
                + " --resume --out " + folder.path());
        return Main.INTERRUPTED;
    }

    /** The folder of a new run, or the one to go on with. */
    RunFolder folder(String recipe) throws IOException {
        if (resume) {
            return out == null ? RunFolder.latest(recipe) : RunFolder.open(out, recipe);
        }
        return RunFolder.create(out, recipe);
    }
}
