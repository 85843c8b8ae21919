package org.gatefold.benchmarks.runner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.runner.heat.BenchmarkSettings;
import org.gatefold.benchmarks.runner.heat.ContestantSpec;
import org.gatefold.benchmarks.runner.heat.DeviceChoice;
import org.gatefold.benchmarks.runner.heat.Heat;
import org.gatefold.benchmarks.runner.heat.Heats;
import org.gatefold.benchmarks.runner.measure.Comparison;
import org.gatefold.benchmarks.runner.measure.ComparisonRun;
import org.gatefold.benchmarks.runner.measure.ContestantChild;
import org.gatefold.benchmarks.runner.measure.Counted;
import org.gatefold.benchmarks.runner.measure.Environment;
import org.gatefold.benchmarks.runner.measure.Progress;
import org.gatefold.benchmarks.runner.measure.QuietMachine;
import org.gatefold.benchmarks.runner.measure.ResultCheck;
import org.gatefold.benchmarks.runner.measure.StartTimes;
import org.gatefold.benchmarks.runner.measure.Sweep;
import org.gatefold.benchmarks.runner.report.BarChart;
import org.gatefold.benchmarks.runner.report.JsonReport;
import org.gatefold.benchmarks.runner.report.TextReport;

/** The command line: waits for a quiet machine, runs what was asked for, prints and writes the report. */
public final class Main {
    private final BenchmarkSettings settings;
    private final Heats heats;
    private final Progress progress = new Progress();
    private final TextReport text = new TextReport();
    private final StringBuilder printed = new StringBuilder();

    private Main(BenchmarkSettings settings) throws IOException {
        this.settings = settings;
        this.heats = new Heats(settings);
    }

    /** @param args the folder benchmarks/, then the options of {@link BenchmarkSettings#USAGE} */
    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> options = Arrays.asList(args).subList(1, args.length);
        if (options.contains("--help")) {
            System.out.print(BenchmarkSettings.USAGE);
            return;
        }
        boolean list = options.contains("--list");
        try {
            BenchmarkSettings settings = BenchmarkSettings.parse(
                    Path.of(args[0]).toAbsolutePath(),
                    options.stream().filter(option -> !option.equals("--list")).toList());
            Main main = new Main(settings);
            if (list) {
                main.heats.reported().forEach(spec -> System.out.println(spec.name()));
            } else if (settings.checkOnly()) {
                main.check();
            } else {
                main.run();
            }
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.print(BenchmarkSettings.USAGE);
            System.exit(2);
        }
    }

    private void check() throws IOException {
        ComparisonRun run = new ComparisonRun(settings, new ResultCheck(), progress);
        for (Heat heat : heats.all()) {
            text.checks(heat, run.check(heat, heats.contestants(heat)));
            print();
        }
    }

    private void run() throws IOException, InterruptedException {
        Files.createDirectories(settings.output());
        boolean simulated = settings.device().map(DeviceChoice::simulated).orElse(false);
        String quiet = simulated ? "not waited for" : QuietMachine.await(settings.quietSeconds(), progress);
        Map<String, String> environment = Environment.describe(settings.home());
        List<ContestantSpec> contestants = heats.reported();
        JsonReport json = new JsonReport(environment, quiet, settings);
        text.environment(environment, quiet, settings);
        print();
        json.contestants(contestants, versions(contestants));

        ComparisonRun run = new ComparisonRun(settings, new ResultCheck(), progress);
        List<Comparison> comparisons = new ArrayList<>();
        for (Heat heat : settings.compare() ? heats.all() : List.<Heat>of()) {
            if (simulated) {
                Counted counted = run.count(heat, heats.contestants(heat));
                json.counted(counted);
                text.counted(counted);
            } else {
                Comparison comparison = run.run(heat, heats.contestants(heat), heats.ceiling(heat));
                comparisons.add(comparison);
                json.comparison(comparison);
                text.comparison(comparison);
            }
            print();
        }
        if (settings.start()) {
            List<StartTimes.StartTime> times = StartTimes.measure(contestants, settings, progress);
            json.startTimes(times);
            text.startTimes(times);
            print();
        }
        if (settings.sweep()) {
            List<Sweep.Line> lines = new ArrayList<>();
            for (Pass pass : List.of(Pass.INFERENCE, Pass.TRAINING_PASS)) {
                new Sweep(contestants.get(0), run).measure(pass, line -> {
                    lines.add(line);
                    text.sweep(line);
                    print();
                });
            }
            json.sweep(lines);
        }

        json.write(settings.output().resolve("results.json"));
        Files.writeString(settings.output().resolve("results.txt"), printed);
        System.out.println("\nwritten: " + settings.output() + "/results.{txt,json"
                + (!comparisons.isEmpty() && drawn(comparisons, environment) ? ",png}" : "}"));
    }

    /** Draws the chart; false, with the reason on the terminal, where this Java cannot draw for want of font libraries. */
    private boolean drawn(List<Comparison> comparisons, Map<String, String> environment) throws IOException {
        try {
            BarChart.write(
                    comparisons,
                    environment.get("processor") + ", " + settings.threads() + " threads; commit "
                            + environment.get("commit") + ", " + environment.get("date") + "; shorter is better",
                    settings.output().resolve("results.png"));
            return true;
        } catch (LinkageError e) {
            System.err.println("the chart is not drawn: this Java cannot draw here (" + e.getMessage() + ")");
            return false;
        }
    }

    private Map<String, String> versions(List<ContestantSpec> contestants) {
        Map<String, String> versions = new LinkedHashMap<>();
        for (ContestantSpec spec : contestants) {
            progress.say("asking " + spec.name() + " for its version");
            try (ContestantChild child = new ContestantChild(spec, settings)) {
                versions.put(spec.name(), child.version());
            } catch (IOException e) {
                versions.put(spec.name(), "failed: " + e.getMessage());
            }
        }
        return versions;
    }

    private void print() {
        progress.clear();
        String block = text.take();
        printed.append(block);
        System.out.print(block);
    }
}
