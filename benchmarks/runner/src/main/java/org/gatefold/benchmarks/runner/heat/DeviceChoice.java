package org.gatefold.benchmarks.runner.heat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.gatefold.benchmarks.contract.ContestantProcess;
import org.gatefold.benchmarks.contract.Placement;

/**
 * The device that is measured instead of the host.
 *
 * @param name such as {@code cuda:0}
 * @param simulator folder of the simulated device's libraries; null for a card
 * @param productSize rows and columns of the matrix product that percentages refer to
 */
public record DeviceChoice(String name, Path simulator, Set<Placement.Precision> precisions, int productSize) {
    /** So large that the launch of the product does not count. */
    static final int PRODUCT_SIZE = 8192;

    @Override
    public String toString() {
        return simulated() ? name + ", simulated" : name;
    }

    /** True if passes are counted, and not timed. */
    public boolean simulated() {
        return simulator != null;
    }

    /** What a process on this device is told; the caller's own {@code -Dgatefold.…} come last, and count. */
    List<String> jvmArguments(Path output) {
        List<String> arguments = new ArrayList<>();
        if (simulated()) {
            arguments.add("-D" + ContestantProcess.SIMULATED + "=true");
            arguments.add("-Dgatefold.simulator=" + simulator);
            arguments.add("-Dgatefold.cuda.libraries=" + simulator);
            arguments.add("-Dgatefold.cuda.cache=" + output.resolve("kernels"));
            arguments.add("-Dgatefold.cuda.records=" + output.resolve("records"));
        }
        for (String property : new TreeSet<>(System.getProperties().stringPropertyNames())) {
            if (property.startsWith("gatefold.") && !property.startsWith("gatefold.benchmarks.")) {
                arguments.add("-D" + property + "=" + System.getProperty(property));
            }
        }
        return arguments;
    }
}
