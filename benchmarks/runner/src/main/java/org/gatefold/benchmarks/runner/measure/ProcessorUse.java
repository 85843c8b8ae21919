package org.gatefold.benchmarks.runner.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Processor time of the whole machine and of some processes since this object was made. Linux only. */
final class ProcessorUse {
    private final List<Long> pids = new ArrayList<>();
    private final long[] machineBefore;
    private final long ownBefore;

    /** @param pids the processes that, beside this one, do not count as others */
    ProcessorUse(List<Long> pids) throws IOException {
        this.pids.addAll(pids);
        this.pids.add(ProcessHandle.current().pid());
        machineBefore = machine();
        ownBefore = own();
    }

    /** Share of the machine's processor time that was taken by others, in percent. */
    double othersPercent() throws IOException {
        long[] machine = machine();
        double total = Math.max(1, machine[0] - machineBefore[0]);
        return Math.max(0, 100 * ((machine[1] - machineBefore[1]) - (own() - ownBefore)) / total);
    }

    /** All ticks and busy ticks; time stolen by other guests of the host counts as busy. */
    private static long[] machine() throws IOException {
        String[] fields = Files.readAllLines(Path.of("/proc/stat")).get(0).split(" +");
        long total = 0;
        // user, nice, system, idle, iowait, irq, softirq, steal
        for (int i = 1; i <= 8; i++) {
            total += Long.parseLong(fields[i]);
        }
        return new long[] {total, total - Long.parseLong(fields[4]) - Long.parseLong(fields[5])};
    }

    private long own() throws IOException {
        long ticks = 0;
        for (long pid : pids) {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return ticks;
    }
}
