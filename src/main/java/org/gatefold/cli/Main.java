package org.gatefold.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.gatefold.cli.output.Complaint;
import org.gatefold.cli.output.ProgressDisplay;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The program {@code gatefold}: options that all commands share, and what a failure looks like.
 *
 * <p>Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. A failure is one line that says what to do; {@code
 * --debug} adds the stack trace. One thread.
 */
@Command(
        name = "gatefold",
        description = "Trains and runs recurrent networks on sequences.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
public final class Main implements Runnable {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int INTERRUPTED = 130;

    /** Set by the launcher if the error stream is a terminal; Java itself cannot tell for one stream. */
    private static final String TERMINAL = "gatefold.terminal";

    private static final String LOG_LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";

    /** The reader of HDF5 brings along a file that sends the log to standard output, among what other programs read. */
    private static final String LOG_FILE = "org.slf4j.simpleLogger.logFile";

    /** The reader of HDF5 tells of every group that it comes to, and warns of each file that it reads or writes. */
    private static final String HDF5_LOG_LEVEL = "org.slf4j.simpleLogger.log.io.jhdf";

    private final PrintStream err;
    private final boolean terminal;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Log what is chosen and why.")
    private boolean verbose;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show the stack trace of a failure.")
    private boolean debug;

    private Main(PrintStream err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "expected a command: train, predict, generate, info, convert, devices or doctor");
    }

    /** Runs the command line and ends the process. */
    public static void main(String... arguments) {
        System.setProperty("java.awt.headless", "true");
        System.exit(run(System.out, System.err, Boolean.getBoolean(TERMINAL), arguments));
    }

    /**
     * Runs the command line.
     *
     * @param out results
     * @param err progress and complaints
     * @param terminal whether {@code err} is one, on which a bar can be drawn
     * @return the exit code
     */
    static int run(PrintStream out, PrintStream err, boolean terminal, String... arguments) {
        Main main = new Main(err, terminal);
        try {
            return main.line(out).execute(arguments);
        } catch (Error | RuntimeException failure) {
            // Errors, such as no memory, and what fails before there is a command, such as a recipe that is not found.
            return main.fail(failure);
        }
    }

    private CommandLine line(PrintStream out) {
        CommandLine line = new CommandLine(this);
        line.addSubcommand(TrainCommand.line())
                .addSubcommand(new PredictCommand())
                .addSubcommand(new GenerateCommand())
                .addSubcommand(new InfoCommand())
                .addSubcommand(new ConvertCommand())
                .addSubcommand(new DevicesCommand())
                .addSubcommand(new DoctorCommand());
        line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionStrategy(parsed -> {
            configureLog();
            return new RunLast().execute(parsed);
        });
        line.setParameterExceptionHandler((failure, given) -> {
            CommandLine command = failure.getCommandLine();
            err.println("gatefold: " + Complaint.of(failure) + " (see: "
                    + command.getCommandSpec().qualifiedName() + " --help)");
            return USAGE;
        });
        line.setExecutionExceptionHandler((failure, command, parsed) -> fail(failure));
        return line;
    }

    private int fail(Throwable failure) {
        err.println("gatefold: " + Complaint.of(failure));
        if (debug) {
            failure.printStackTrace(err);
        }
        return FAILED;
    }

    /** The logger reads these once, when the first class with a logger is initialised, which must be after this. */
    private void configureLog() {
        if (System.getProperty(LOG_FILE) == null) {
            System.setProperty(LOG_FILE, "System.err");
        }
        if (System.getProperty(LOG_LEVEL) == null) {
            System.setProperty(LOG_LEVEL, verbose ? "info" : "warn");
        }
        if (!verbose && System.getProperty(HDF5_LOG_LEVEL) == null) {
            System.setProperty(HDF5_LOG_LEVEL, "error");
        }
    }

    /** A display of progress for the command that {@code spec} is of. */
    static ProgressDisplay progress(CommandSpec spec, String where) {
        Main main = (Main) spec.root().userObject();
        return new ProgressDisplay(main.err, where, main.terminal);
    }
}
