package org.gatefold.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.gatefold.cli.output.Complaint;
import org.gatefold.cli.output.HtmlReport;
import org.gatefold.cli.output.Plots;
import org.gatefold.cli.output.ProgressDisplay;
import org.gatefold.cli.output.ReportOutput;
import org.gatefold.cli.output.Table;
import org.gatefold.data.table.CsvTable;
import org.gatefold.device.DeviceGroup;
import org.gatefold.recipe.Experiment;
import org.gatefold.recipe.Recipe;
import org.gatefold.recipe.RecipeDescription;
import org.gatefold.recipe.RunFolder;
import org.gatefold.recipe.option.Option;
import org.gatefold.recipe.option.Options;
import org.gatefold.recipe.option.UsageException;
import org.gatefold.recipe.search.PreparationSearch;
import org.gatefold.recipe.search.Preparations;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.History;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code gatefold train RECIPE}: trains by a recipe, whose description gives the options and their help. */
final class RecipeCommand implements Callable<Integer> {
    private static final String TRIED = "tried.csv";
    private static final String TITLE = "preparations tried on the end of the training part; gain in standard errors";

    private final Recipe recipe;
    private final RecipeDescription description;
    private final RunOption run = new RunOption();
    private final DeviceOption device = new DeviceOption();
    private CommandSpec spec;

    private RecipeCommand(Recipe recipe) {
        this.recipe = recipe;
        this.description = recipe.describe();
    }

    /** The command for a recipe. */
    static CommandSpec of(Recipe recipe) {
        RecipeCommand command = new RecipeCommand(recipe);
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command)
                .name(command.description.name())
                .mixinStandardHelpOptions(true);
        List<String> footer = new ArrayList<>();
        for (String note : command.description.notes()) {
            footer.addAll(List.of("", plain(note)));
        }
        spec.usageMessage()
                .description(plain(command.description.summary()))
                .sortOptions(false)
                .footer(footer.toArray(String[]::new));
        spec.addMixin("run", CommandSpec.forAnnotatedObject(command.run));
        command.description.options().all().forEach(option -> spec.addOption(command.option(option)));
        spec.addMixin("device", CommandSpec.forAnnotatedObject(command.device));
        command.spec = spec;
        return spec;
    }

    /** Words that picocli, which takes them for a format, prints as they are. */
    private static String plain(String words) {
        return words.replace("%", "%%");
    }

    private <V> OptionSpec option(Option<V> option) {
        String words = option.description();
        if (option.type() != Boolean.class) {
            words += description
                    .options()
                    .find(option)
                    .map(Option::shown)
                    .filter(text -> !text.isEmpty())
                    .map(text -> " By default " + text + ".")
                    .orElse("");
        }
        OptionSpec.Builder builder = OptionSpec.builder("--" + option.name()).description(plain(words));
        if (option.type() == Boolean.class) {
            return builder.type(Boolean.class).arity("0").build();
        }
        // The option reads its own value, so that all of them complain alike.
        return builder.type(String.class).arity("1").paramLabel(option.label()).build();
    }

    /** The options of the recipe that were given. */
    private Options given() {
        ParseResult parsed = spec.commandLine().getParseResult();
        Map<String, String> given = new LinkedHashMap<>();
        for (Option<?> option : description.options().all()) {
            String name = "--" + option.name();
            if (parsed.hasMatchedOption(name)) {
                given.put(option.name(), parsed.matchedOption(name).getValue().toString());
            }
        }
        return description.options().parsed(given);
    }

    @Override
    public Integer call() throws IOException {
        if (!run.resume()) {
            try {
                Options chosen = given();
                Preparations tried = null;
                if (description.budget(chosen) > 0) {
                    tried = search(chosen);
                    if (tried == null) {
                        return Main.INTERRUPTED;
                    }
                    chosen = chosen.parsed(tried.chosen().options());
                }
                try (Experiment experiment =
                        Experiment.begin(recipe, chosen, run.data(), run.valid(), run.test(), run.out())) {
                    return train(experiment, tried);
                }
            } catch (UsageException e) {
                throw new ParameterException(spec.commandLine(), e.getMessage(), e);
            }
        }
        run.tellIgnored(spec);
        RunFolder folder = run.resumed(description.name());
        if (folder.isFinished()) {
            spec.commandLine().getOut().println("the run in " + folder.path() + " is finished; it is left as it is");
            return Main.DONE;
        }
        try (Experiment experiment = Experiment.resume(recipe, folder)) {
            return train(experiment, null);
        }
    }

    /** Tries preparations and tells which is taken; null if that was stopped. */
    @SuppressWarnings("try") // the interruption acts by being open
    private Preparations search(Options given) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (DeviceGroup opened = device.openAll()) {
            PreparationSearch search =
                    new PreparationSearch(recipe, given, run.data(), run.valid(), run.test() != null, opened.list());
            Preparations tried;
            try (Interruption interruption = Interruption.calling(search::stop)) {
                tried = search.run(description.budget(given));
            }
            if (tried == null) {
                out.println("stopped before a preparation was chosen");
                return null;
            }
            out.println(title(tried));
            Table table = new Table(tried.header().toArray(String[]::new));
            tried.rows().forEach(row -> table.row(row.toArray(String[]::new)));
            table.print(out);
            return tried;
        }
    }

    /** What was tried before the run, of a run that went on as well. */
    private static void addTried(HtmlReport page, Path file) {
        if (!Files.exists(file)) {
            return;
        }
        try {
            CsvTable tried = CsvTable.read(file);
            List<List<String>> rows = IntStream.range(0, tried.rows())
                    .mapToObj(row -> tried.names().stream()
                            .map(name -> tried.text(name).get(row))
                            .toList())
                    .toList();
            page.heading("Tried before: " + TITLE).table(tried.names(), rows);
        } catch (IOException | IllegalArgumentException e) {
            LoggerFactory.getLogger(RecipeCommand.class).warn("the page lacks what was tried: {}", Complaint.of(e));
        }
    }

    private static String title(Preparations tried) {
        return TITLE + (tried.left() == 0 ? "" : "; no time for " + tried.left() + " more");
    }

    @SuppressWarnings("try") // the interruption acts by being open
    private int train(Experiment experiment, Preparations tried) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        RunFolder folder = experiment.folder();
        try (Interruption interruption = Interruption.calling(experiment::stop);
                DeviceGroup opened = device.openAll();
                Experiment.Training training = experiment.on(opened.list())) {
            if (tried != null) {
                folder.writeTable(TRIED, tried.header(), tried.rows());
            }
            out.println(experiment.summary());
            experiment.warnings().forEach(out::println);
            Experiment.Outcome outcome;
            String where = opened + " (" + training.implementation() + ")";
            try (ProgressDisplay progress = Main.progress(spec, where)) {
                outcome = training.run(progress);
            }
            if (outcome.isInterrupted()) {
                int epochs = outcome.histories().stream()
                        .mapToInt(history -> history.epochs().size())
                        .sum();
                out.println("stopped after " + epochs
                        + " epochs; go on with: gatefold train " + description.name() + " --resume --out "
                        + folder.path());
                return Main.INTERRUPTED;
            }
            ReportOutput report = new ReportOutput(outcome.report(), experiment.network());
            writePage(experiment, outcome, report, where);
            report.print(out);
            ReportOutput.print(out, outcome.copies(), opened.first().name());
            out.println("written to " + folder.path());
            return Main.DONE;
        }
    }

    /** Draws the pictures, and writes the page on which all is told. */
    private void writePage(Experiment experiment, Experiment.Outcome outcome, ReportOutput report, String where) {
        RunFolder folder = experiment.folder();
        HtmlReport page = new HtmlReport("gatefold train " + description.name());
        page.paragraph("faint", experiment.summary());
        report.addTo(page);
        page.pictures(report.draw(folder));
        report.addMoreTo(page);
        addTried(page, folder.file(TRIED));
        List<History> members = outcome.histories();
        for (int i = 0; i < members.size(); i++) {
            List<EpochReport> epochs = members.get(i).epochs();
            page.heading("Training" + (members.size() == 1 ? "" : ", member " + (i + 1)));
            Plots.training(folder.file("training" + (i == 0 ? "" : "-" + (i + 1)) + ".png"), epochs)
                    .ifPresent(png -> page.pictures(Map.of("Loss of every epoch", png)));
            page.epochs(epochs);
        }
        page.heading("Settings").settings(experiment.settings(where));
        try {
            folder.writePage(page.page());
        } catch (IOException e) {
            // Not sooner: commands are made before it is known what is to be logged.
            LoggerFactory.getLogger(RecipeCommand.class).warn("there is no page: {}", Complaint.of(e));
        }
    }
}
