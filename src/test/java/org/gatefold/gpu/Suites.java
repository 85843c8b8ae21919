package org.gatefold.gpu;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs test classes without Maven, and leaves what came of them as JSON: {@code Suites RESULT.json CLASS…}. Ends with 1 if a
 * test failed or there was none.
 */
final class Suites {
    private Suites() {}

    public static void main(String[] arguments) throws IOException {
        TestExecutionSummary summary = run(List.of(arguments).subList(1, arguments.length));
        Files.writeString(Path.of(arguments[0]), json(summary).toString());
        summary.getFailures()
                .forEach(failure -> System.out.println(
                        "FAILED " + failure.getTestIdentifier().getUniqueId() + "\n  " + failure.getException()));
        System.out.println(summary.getTestsSucceededCount() + " passed, " + summary.getTotalFailureCount() + " failed, "
                + (summary.getTestsAbortedCount() + summary.getTestsSkippedCount()) + " skipped");
        System.exit(summary.getTotalFailureCount() > 0 || summary.getTestsStartedCount() == 0 ? 1 : 0);
    }

    private static TestExecutionSummary run(List<String> classes) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(classes.stream().map(DiscoverySelectors::selectClass).toList())
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        return listener.getSummary();
    }

    private static JsonObject json(TestExecutionSummary summary) {
        JsonObject object = new JsonObject();
        object.addProperty("passed", summary.getTestsSucceededCount());
        object.addProperty("failed", summary.getTotalFailureCount());
        object.addProperty("skipped", summary.getTestsAbortedCount() + summary.getTestsSkippedCount());
        JsonArray failures = new JsonArray();
        Stream<String> names = summary.getFailures().stream()
                .map(failure -> failure.getTestIdentifier().getUniqueId());
        names.forEach(failures::add);
        object.add("failures", failures);
        return object;
    }
}
