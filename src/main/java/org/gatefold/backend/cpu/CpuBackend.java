package org.gatefold.backend.cpu;

import java.util.List;
import org.gatefold.device.Backend;
import org.gatefold.device.DeviceInfo;
import org.gatefold.device.DeviceOptions;

/** Serves the device {@code "cpu"} by the native library, where it can be loaded. Stateless and thread-safe. */
public final class CpuBackend implements Backend {
    static final String NAME = "cpu.native";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int rank() {
        return 10;
    }

    @Override
    public List<DeviceInfo> devices() {
        return List.of(new DeviceInfo(
                "cpu",
                NAME,
                Runtime.getRuntime().availableProcessors() + " processors, native code",
                NativeLoader.failure()));
    }

    @Override
    public Session open(String device, DeviceOptions options) {
        return new CpuSession(Engine.start(options.resolvedThreads()));
    }
}
