package org.gatefold.device;

import java.util.Optional;

/**
 * What a backend says about a device that it serves, or would serve if something were there.
 *
 * @param device the name to open it by, for instance {@code "cpu"} or {@code "cuda:0"}
 * @param backend the backend's name, for instance {@code "cpu.native"}
 * @param description the hardware and the code path, in words
 * @param missing why it cannot be opened and what would help; empty if it can
 * @param automatic true if {@link Devices#best()} may choose it; false for test equipment
 */
public record DeviceInfo(
        String device, String backend, String description, Optional<String> missing, boolean automatic) {
    /** A device that may be chosen automatically. */
    public DeviceInfo(String device, String backend, String description, Optional<String> missing) {
        this(device, backend, description, missing, true);
    }

    /** True if the device can be opened through this backend. */
    public boolean available() {
        return missing.isEmpty();
    }
}
