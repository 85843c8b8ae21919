package org.gatefold.recipe;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.train.report.EpochReport;
import org.gatefold.train.report.History;

/**
 * The epochs of a run as a table in its folder, of several members one after the other; a column for each metric of the rows held back at
 * the end. Stateless.
 */
final class HistoryTable {
    private HistoryTable() {}

    static void write(RunFolder folder, List<History> members) throws IOException {
        List<String> header = new ArrayList<>(
                List.of("epoch", "loss", "validationLoss", "learningRate", "lossScale", "skippedSteps", "seconds"));
        header.addAll(members.get(0).last().metrics().keySet());
        List<List<String>> rows = new ArrayList<>();
        for (int member = 0; member < members.size(); member++) {
            for (EpochReport report : members.get(member).epochs()) {
                List<String> row = row(report);
                if (members.size() > 1) {
                    row.add(0, Integer.toString(member + 1));
                }
                rows.add(row);
            }
        }
        if (members.size() > 1) {
            header.add(0, "member");
        }
        folder.writeTable("history.csv", header, rows);
    }

    private static List<String> row(EpochReport report) {
        List<String> row = new ArrayList<>(List.of(
                Integer.toString(report.epoch() + 1),
                Double.toString(report.trainingLoss()),
                report.validationLoss() == null ? "" : report.validationLoss().toString(),
                Float.toString(report.learningRate()),
                Float.toString(report.lossScale()),
                Long.toString(report.skipped()),
                Double.toString(seconds(report.duration()))));
        report.metrics().values().forEach(metric -> row.add(metric.toString()));
        return row;
    }

    /** The time that training took, in seconds. */
    static double seconds(History history) {
        return history.epochs().stream()
                .mapToDouble(report -> seconds(report.duration()))
                .sum();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
