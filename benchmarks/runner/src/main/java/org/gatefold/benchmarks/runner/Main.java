package org.gatefold.benchmarks.runner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.gatefold.benchmarks.contract.LstmShape;
import org.gatefold.benchmarks.contract.Pass;

/** The command line: waits for a quiet machine, runs what was asked for, prints and writes the report. */
public final class Main {
    private final BenchmarkSettings settings;
    private final List<ContestantSpec> contestants;
    private final Progress progress = new Progress();
    private final TextReport text = new TextReport();
    private final StringBuilder printed = new StringBuilder();

    private Main(BenchmarkSettings settings, List<ContestantSpec> contestants) {
        this.settings = settings;
        this.contestants = contestants;
    }

    /** @param args the folder benchmarks/, then the options of {@link BenchmarkSettings#USAGE} */
    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> options = Arrays.asList(args).subList(1, args.length);
        if (options.contains("--help")) {
            System.out.print(BenchmarkSettings.USAGE);
            return;
        }
        if (options.contains("--list")) {
            for (ContestantSpec spec : Contestants.all()) {
                System.out.println(spec.name());
            }
            return;
        }
        try {
            BenchmarkSettings settings =
                    BenchmarkSettings.parse(Path.of(args[0]).toAbsolutePath(), options);
            Main main = new Main(settings, chosen(settings));
            if (settings.checkOnly()) {
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

    private static List<ContestantSpec> chosen(BenchmarkSettings settings) throws IOException {
        List<ContestantSpec> all = Contestants.all();
        if (settings.contestants().isEmpty()) {
            return all;
        }
        List<String> names = all.stream().map(ContestantSpec::name).toList();
        for (String name : settings.contestants()) {
            if (!names.contains(name)) {
                throw new IllegalArgumentException("--contestants: expected some of " + names + ", got '" + name + "'");
            }
        }
        return all.stream()
                .filter(spec -> settings.contestants().contains(spec.name()))
                .toList();
    }

    private void check() throws IOException {
        ComparisonRun run = new ComparisonRun(settings, new ResultCheck(), progress);
        for (Map.Entry<String, LstmShape> shape : settings.shapes().entrySet()) {
            for (Pass pass : settings.passes()) {
                if (BenchmarkSettings.applies(shape.getKey(), pass)) {
                    text.checks(
                            shape.getKey(),
                            shape.getValue(),
                            pass,
                            run.check(shape.getKey(), shape.getValue(), pass, contestants));
                    print();
                }
            }
        }
    }

    private void run() throws IOException, InterruptedException {
        Files.createDirectories(settings.output());
        String quiet = QuietMachine.await(settings.quietSeconds(), progress);
        Map<String, String> environment = Environment.describe(settings.home());
        JsonReport json = new JsonReport(environment, quiet, settings);
        text.environment(environment, quiet, settings);
        print();
        json.contestants(contestants, versions());

        ComparisonRun run = new ComparisonRun(settings, new ResultCheck(), progress);
        List<Comparison> comparisons = new ArrayList<>();
        for (String shape : settings.compare() ? settings.shapes().keySet() : List.<String>of()) {
            for (Pass pass : settings.passes()) {
                if (BenchmarkSettings.applies(shape, pass)) {
                    Comparison comparison = run.run(shape, settings.shapes().get(shape), pass, contestants, true);
                    comparisons.add(comparison);
                    json.comparison(comparison);
                    text.comparison(comparison);
                    print();
                }
            }
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
                + (drawn(comparisons, environment) ? ",png}" : "}"));
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

    private Map<String, String> versions() {
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
