package org.gatefold.benchmarks.runner.measure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What results depend on beside the contestants: machine, JVM, commit, date. Stateless. */
public final class Environment {
    private Environment() {}

    public static Map<String, String> describe(Path home) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put("commit", commit(home));
        String cpu = Files.readString(Path.of("/proc/cpuinfo"));
        facts.put("processor", first(cpu, "model name\\s*: (.*)"));
        facts.put("processor family", first(cpu, "cpu family\\s*: (.*)") + "/" + first(cpu, "model\\s*: (.*)"));
        facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("avx512", Boolean.toString(cpu.contains("avx512bw")));
        facts.put("avx512-bf16", Boolean.toString(cpu.contains("avx512_bf16")));
        facts.put("memory", first(Files.readString(Path.of("/proc/meminfo")), "MemTotal:\\s*(.*)"));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("jvm", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        return facts;
    }

    private static String first(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? matcher.group(1).strip() : "unknown";
    }

    private static String commit(Path home) throws IOException {
        // What `ci/gpu-slot pack` leaves where there is no repository.
        Path packed = home.resolveSibling("commit");
        if (Files.isRegularFile(packed)) {
            return Files.readString(packed).strip();
        }
        Process git = new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=12")
                .directory(home.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String commit = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return commit.isEmpty() ? "unknown" : commit;
    }
}
