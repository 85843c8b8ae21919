package org.gatefold.benchmarks.runner.heat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Placement;

/** What the command line asked for, as heats with their contestants. Immutable. */
public final class Heats {
    private final BenchmarkSettings settings;
    private final List<ContestantSpec> onHost;
    private final Optional<DeviceContestants> onDevice;

    /** @throws IllegalArgumentException if a contestant is unknown */
    public Heats(BenchmarkSettings settings) throws IOException {
        this.settings = settings;
        onDevice = settings.device().isEmpty()
                ? Optional.empty()
                : Optional.of(new DeviceContestants(settings.device().get(), settings));
        onHost = onDevice.isPresent() ? List.of() : chosen(Contestants.all());
        // Names are checked before anything is started.
        onDevice.ifPresent(all -> chosen(all.all(Placement.Precision.F32)));
    }

    private List<ContestantSpec> chosen(List<ContestantSpec> all) {
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

    /** In their order: shape by shape, pass by pass, on a device in each precision. */
    public List<Heat> all() {
        List<Heat> heats = new ArrayList<>();
        settings.shapes().forEach((name, shape) -> {
            for (Pass pass : settings.passes()) {
                if (BenchmarkSettings.applies(name, pass)) {
                    precisions().forEach(precision -> heats.add(new Heat(name, shape, pass, precision)));
                }
            }
        });
        return heats;
    }

    private List<Optional<Placement.Precision>> precisions() {
        return settings.device().isEmpty()
                ? List.of(Optional.empty())
                : settings.device().get().precisions().stream()
                        .map(Optional::of)
                        .toList();
    }

    public List<ContestantSpec> contestants(Heat heat) {
        return onDevice.isEmpty()
                ? onHost
                : chosen(onDevice.get().all(heat.precision().orElseThrow()));
    }

    public Optional<Ceiling> ceiling(Heat heat) {
        return Optional.of(
                onDevice.isEmpty()
                        ? Contestants.CEILING
                        : onDevice.get().ceiling(heat.precision().orElseThrow()));
    }

    /** Those that a report names: on a device in the first precision, since versions are those of all. */
    public List<ContestantSpec> reported() {
        return onDevice.isEmpty()
                ? onHost
                : chosen(onDevice.get()
                        .all(settings.device().get().precisions().iterator().next()));
    }
}
