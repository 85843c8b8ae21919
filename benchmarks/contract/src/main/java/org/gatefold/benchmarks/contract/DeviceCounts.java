package org.gatefold.benchmarks.contract;

import java.util.Map;
import java.util.ServiceLoader;

/** What passes do on a simulated device, whose time says nothing; found by {@link ServiceLoader}. */
public interface DeviceCounts {
    /** Puts the simulated device into this process; before anything asks for a device. */
    void install();

    /** What one run does, name to number: launches, bytes, operations of products. */
    Map<String, Long> of(Runnable pass);

    /** The one on the class path. */
    static DeviceCounts find() {
        return ServiceLoader.load(DeviceCounts.class)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("nothing on the class path counts on a simulated device"));
    }
}
