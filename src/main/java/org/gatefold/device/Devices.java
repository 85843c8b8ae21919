package org.gatefold.device;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Finds the backends and opens devices by name. Thread-safe. */
public final class Devices {
    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);
    private static final String ALL = "all";
    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    private Devices() {}

    /** The CPU: native kernels where they can be loaded, plain Java behind them. */
    @MustBeClosed
    public static Device cpu() {
        return named("cpu");
    }

    /** The CPU with a number of threads; 0 means all processors. */
    @MustBeClosed
    public static Device cpu(int threads) {
        return named("cpu", new DeviceOptions(threads));
    }

    /** The first available device of the backend with the highest rank: a GPU if one works, else the CPU. */
    @MustBeClosed
    public static Device best() {
        for (DeviceInfo info : list()) {
            if (!info.available()) {
                // Most machines have no GPU; that is worth no warning where nobody asked for one.
                tell(info, Level.INFO);
            } else if (info.automatic()) {
                return named(info.device());
            }
        }
        throw new IllegalStateException("no backend is on the class path");
    }

    /** Opens a device by name: {@code "cpu"}, {@code "reference"}, {@code "cuda:0"}. */
    @MustBeClosed
    public static Device named(String name) {
        return named(name, DeviceOptions.defaults());
    }

    /**
     * Opens a device by name.
     *
     * @throws IllegalArgumentException if no backend knows the name
     * @throws IllegalStateException if the device is known but cannot be opened, with the reason
     */
    @MustBeClosed
    public static Device named(String name, DeviceOptions options) {
        List<Backend.Session> sessions = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (Backend backend : backends()) {
            if (!backend.mayServe(name)) {
                continue;
            }
            for (DeviceInfo info : backend.devices()) {
                if (info.device().equals(name) && info.available()) {
                    sessions.add(backend.open(name, options));
                } else if (info.device().equals(name)) {
                    reasons.add(info.backend() + ": " + info.missing().get());
                    tell(info, Level.WARN);
                }
            }
        }
        if (!sessions.isEmpty()) {
            return new Device(name, sessions);
        }
        if (!reasons.isEmpty()) {
            throw new IllegalStateException("device " + name + " cannot be opened; " + String.join("; ", reasons));
        }
        throw new IllegalArgumentException("device: expected one of "
                + list().stream().map(DeviceInfo::device).distinct().toList() + ", got '" + name + "'");
    }

    /**
     * Opens several devices of one kind, to be used together.
     *
     * @param names such as {@code "cuda:0"} and {@code "cuda:1"}; {@code "cuda:all"} alone stands for all of a kind that are there
     * @throws IllegalArgumentException if there is none, they are not of one kind, or one is named twice
     * @throws IllegalStateException if one of them cannot be opened, with the reason
     */
    @MustBeClosed
    public static DeviceGroup group(List<String> names, DeviceOptions options) {
        if (names.size() == 1 && names.get(0).endsWith(":" + ALL)) {
            return DeviceGroup.open(available(DeviceGroup.kind(names.get(0))), options);
        }
        return DeviceGroup.open(names, options);
    }

    /**
     * Opens all devices of a kind that are there.
     *
     * @param kind for instance {@code "cuda"}
     * @throws IllegalArgumentException if no backend knows the kind
     * @throws IllegalStateException if there is none, with the reason
     */
    @MustBeClosed
    public static DeviceGroup all(String kind) {
        return DeviceGroup.open(available(kind), DeviceOptions.defaults());
    }

    private static List<String> available(String kind) {
        List<DeviceInfo> known = list().stream()
                .filter(info -> DeviceGroup.kind(info.device()).equals(kind))
                .toList();
        if (known.isEmpty()) {
            throw new IllegalArgumentException("devices: expected one of the kinds "
                    + list().stream()
                            .map(info -> DeviceGroup.kind(info.device()))
                            .distinct()
                            .toList()
                    + ", got '" + kind + "'");
        }
        List<String> names = known.stream()
                .filter(DeviceInfo::available)
                .map(DeviceInfo::device)
                .distinct()
                .toList();
        if (names.isEmpty()) {
            throw new IllegalStateException("device " + known.get(0).device() + " cannot be opened; "
                    + known.get(0).backend() + ": " + known.get(0).missing().get());
        }
        return names;
    }

    /** All devices that the backends on the class path serve or would serve, best first. */
    public static List<DeviceInfo> list() {
        List<DeviceInfo> all = new ArrayList<>();
        for (Backend backend : backends()) {
            all.addAll(backend.devices());
        }
        return all;
    }

    private static List<Backend> backends() {
        List<Backend> found = new ArrayList<>();
        ServiceLoader.load(Backend.class, Devices.class.getClassLoader()).forEach(found::add);
        found.sort(Comparator.comparingInt(Backend::rank).reversed());
        return found;
    }

    private static void tell(DeviceInfo info, Level level) {
        if (TOLD.add(level + " " + info.device() + " " + info.backend())) {
            String reason = info.missing().orElse("").replace('\n', ' ');
            LOG.atLevel(level).log("{} does not serve device {}: {}", info.backend(), info.device(), reason);
        }
    }
}
