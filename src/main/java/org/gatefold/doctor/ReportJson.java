package org.gatefold.doctor;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Writes a report as JSON, for bug reports. Stateless. */
public final class ReportJson {
    private ReportJson() {}

    public static String of(Report report) {
        JsonObject all = new JsonObject();
        all.add("machine", object(report.facts().machine()));
        all.addProperty("device", report.facts().device());
        all.addProperty("description", report.facts().description());
        all.add("properties", object(report.facts().properties()));
        all.addProperty("extent", report.extent().name().toLowerCase(Locale.ROOT));
        all.addProperty("healthy", report.healthy());
        JsonArray findings = new JsonArray();
        report.findings().forEach(finding -> findings.add(finding(finding)));
        all.add("checks", findings);
        JsonArray benchmark = new JsonArray();
        Set<BenchmarkRow> fastest = new HashSet<>();
        report.rankings().forEach(ranking -> fastest.add(ranking.get(0)));
        report.benchmark().forEach(row -> benchmark.add(row(row, fastest.contains(row))));
        all.add("benchmark", benchmark);
        if (!report.benchmarkOmitted().isEmpty()) {
            all.addProperty("benchmarkOmitted", report.benchmarkOmitted());
        }
        return new GsonBuilder()
                        .setPrettyPrinting()
                        .disableHtmlEscaping()
                        .create()
                        .toJson(all)
                + "\n";
    }

    private static JsonObject object(Map<String, String> values) {
        JsonObject object = new JsonObject();
        values.forEach(object::addProperty);
        return object;
    }

    private static JsonObject finding(Finding finding) {
        JsonObject object = new JsonObject();
        object.addProperty("operation", finding.operation());
        object.addProperty("group", finding.group());
        object.addProperty("check", finding.check());
        object.addProperty("implementation", finding.implementation());
        object.addProperty("verdict", finding.verdict().name());
        // JSON has no infinity and no NaN.
        if (Double.isFinite(finding.error())) {
            object.addProperty("error", finding.error());
        }
        object.addProperty("limit", finding.limit());
        object.addProperty("seconds", finding.seconds());
        if (!finding.reason().isEmpty()) {
            object.addProperty("reason", finding.reason());
        }
        return object;
    }

    private static JsonObject row(BenchmarkRow row, boolean fastest) {
        JsonObject object = new JsonObject();
        object.addProperty("spec", row.spec().toString());
        object.addProperty("mode", row.mode().name());
        object.addProperty("implementation", row.implementation());
        object.addProperty("seconds", row.seconds());
        object.addProperty("microsecondsPerStep", row.microsecondsPerStep());
        object.addProperty("flops", row.flops());
        object.addProperty("gemmFlops", row.gemmFlops());
        object.addProperty("bytes", row.bytes());
        object.addProperty("fastest", fastest);
        return object;
    }
}
