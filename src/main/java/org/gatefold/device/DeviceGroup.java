package org.gatefold.device;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Several open devices of one kind that work together, the first of which leads. Owns them: closes all. Thread-safe as devices are. */
public final class DeviceGroup implements AutoCloseable {
    private final List<Device> devices;

    private DeviceGroup(List<Device> devices) {
        this.devices = devices;
    }

    /**
     * Opens devices by name.
     *
     * @throws IllegalArgumentException if there is none, they are not of one kind, or one is named twice
     * @throws IllegalStateException if one of them cannot be opened, with the reason
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the group closes them
    static DeviceGroup open(List<String> names, DeviceOptions options) {
        require(names, names);
        List<Device> opened = new ArrayList<>();
        boolean complete = false;
        try {
            for (String name : names) {
                opened.add(Devices.named(name, options));
            }
            complete = true;
            return new DeviceGroup(List.copyOf(opened));
        } finally {
            if (!complete) {
                opened.forEach(Device::close);
            }
        }
    }

    /** A group of one. */
    @MustBeClosed
    public static DeviceGroup of(Device device) {
        return new DeviceGroup(List.of(device));
    }

    /**
     * Checks that devices can work together: they are of one kind, and none is there twice.
     *
     * @throws IllegalArgumentException naming the first that is not as expected
     */
    public static void require(List<Device> devices) {
        // A processor may be opened several times, each time with threads of its own; a card is there once.
        require(
                devices.stream().map(Device::name).toList(),
                devices.stream()
                        .map(device -> device.name().equals(kind(device.name())) ? device : device.name())
                        .toList());
    }

    /** @param identities equal where two names stand for the same device */
    private static void require(List<String> names, List<?> identities) {
        if (names.isEmpty()) {
            throw new IllegalArgumentException("devices: expected at least one, got none");
        }
        Set<Object> seen = new HashSet<>();
        for (int i = 0; i < names.size(); i++) {
            if (!kind(names.get(i)).equals(kind(names.get(0)))) {
                throw new IllegalArgumentException(
                        "devices: expected all of one kind, got " + names.get(0) + " and " + names.get(i));
            }
            if (!seen.add(identities.get(i))) {
                throw new IllegalArgumentException("devices: expected each once, got " + names.get(i) + " twice");
            }
        }
    }

    /** A device's name without its number. */
    static String kind(String name) {
        int colon = name.indexOf(':');
        return colon < 0 ? name : name.substring(0, colon);
    }

    /** The one that leads. */
    public Device first() {
        return devices.get(0);
    }

    /** All of them, the first one first. */
    public List<Device> list() {
        return devices;
    }

    /** Closes all, the first one last. */
    @Override
    public void close() {
        for (int i = devices.size() - 1; i >= 0; i--) {
            devices.get(i).close();
        }
    }

    @Override
    public String toString() {
        return String.join(",", devices.stream().map(Device::name).toList());
    }
}
