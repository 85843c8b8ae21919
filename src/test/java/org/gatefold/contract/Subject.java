package org.gatefold.contract;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.Arrays;
import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.device.DeviceInfo;
import org.gatefold.device.Devices;
import org.gatefold.device.Operation;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * An implementation under test: a device and the name of one of its backends. Where it cannot run, the suite is skipped,
 * or fails if {@code -Dgatefold.require} names it.
 */
public final class Subject implements AutoCloseable {
    /** Comma-separated names of implementations that must not be skipped. */
    public static final String REQUIRE_PROPERTY = "gatefold.require";

    private final Device device;
    private final String implementation;

    private Subject(Device device, String implementation) {
        this.device = device;
        this.implementation = implementation;
    }

    /** Opens the device if the implementation can run on it; aborts or fails the test otherwise. */
    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    public static Subject open(String deviceName, String implementation, Class<? extends Operation> contract) {
        List<DeviceInfo> served = Devices.list().stream()
                .filter(info -> info.device().equals(deviceName))
                .toList();
        if (served.stream().noneMatch(DeviceInfo::available)) {
            missing(implementation, "device " + deviceName + " is not there: " + served);
        }
        Device device = Devices.named(deviceName);
        if (device.operations(contract).stream().noneMatch(op -> op.name().equals(implementation))) {
            device.close();
            missing(implementation, "device " + deviceName + " offers no such implementation: " + served);
        }
        return new Subject(device, implementation);
    }

    /** Opens a device for tests of all devices; the simulated one as {@code cuda:0}, where it is built. */
    @MustBeClosed
    public static Device openDevice(String name) {
        if (!name.startsWith("cuda")) {
            return Devices.named(name);
        }
        SimulatedDevice.loadIfBuilt();
        return open(name, "cuda.steps", RecurrentOp.class).device();
    }

    private static void missing(String implementation, String reason) {
        boolean required = Arrays.asList(
                        System.getProperty(REQUIRE_PROPERTY, "").split(","))
                .contains(implementation);
        if (required) {
            Assertions.fail(implementation + " is required, but " + reason);
        }
        Assumptions.abort(implementation + " is skipped: " + reason);
    }

    public Device device() {
        return device;
    }

    /** The implementation of a contract. */
    public <O extends Operation> O operation(Class<O> contract) {
        return device.operations(contract).stream()
                .filter(op -> op.name().equals(implementation))
                .findFirst()
                .orElseThrow();
    }

    /** Closes the device. */
    @Override
    public void close() {
        device.close();
    }
}
