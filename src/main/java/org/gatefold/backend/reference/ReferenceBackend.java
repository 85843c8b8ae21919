package org.gatefold.backend.reference;

import java.util.List;
import java.util.Optional;
import org.gatefold.backend.reference.math.ReferenceName;
import org.gatefold.device.Backend;
import org.gatefold.device.DeviceInfo;
import org.gatefold.device.DeviceOptions;

/**
 * Serves the device {@code "reference"} alone, and the device {@code "cpu"} behind every other backend. Stateless and
 * thread-safe.
 */
public final class ReferenceBackend implements Backend {
    private static final String DESCRIPTION = "plain Java, double accumulation, 1 thread";

    @Override
    public String name() {
        return ReferenceName.NAME;
    }

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public List<DeviceInfo> devices() {
        return List.of(
                new DeviceInfo("cpu", ReferenceName.NAME, DESCRIPTION, Optional.empty()),
                new DeviceInfo(ReferenceName.NAME, ReferenceName.NAME, DESCRIPTION, Optional.empty()));
    }

    @Override
    public Session open(String device, DeviceOptions options) {
        return new ReferenceSession(DESCRIPTION);
    }
}
