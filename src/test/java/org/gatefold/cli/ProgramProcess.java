package org.gatefold.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program in a process of its own. Stateless. */
final class ProgramProcess {
    private ProgramProcess() {}

    /** The class path of the tests. */
    static String classes() {
        return System.getProperty("java.class.path");
    }

    /**
     * Starts it.
     *
     * @param options of the JVM
     * @param classes the class path
     * @param arguments of the program
     * @param log takes all that it prints
     */
    static Process start(List<String> options, String classes, List<String> arguments, Path log) throws IOException {
        return builder(options, classes, arguments)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /** As {@link #start}, before it is said where what it prints goes. */
    static ProcessBuilder builder(List<String> options, String classes, List<String> arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(options);
        command.addAll(List.of("-cp", classes, Main.class.getName()));
        command.addAll(arguments);
        return new ProcessBuilder(command);
    }
}
