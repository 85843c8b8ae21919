package org.gatefold.op.plan;

import com.google.errorprone.annotations.MustBeClosed;
import java.util.List;
import java.util.Optional;
import org.gatefold.device.Backend;
import org.gatefold.device.Device;
import org.gatefold.device.DeviceInfo;
import org.gatefold.device.DeviceOptions;
import org.gatefold.device.Devices;
import org.gatefold.device.Memory;
import org.gatefold.device.Operation;
import org.gatefold.tensor.Block;

/** For tests: a device whose operations are those that the test at hand gives it. One test at a time. */
public final class CandidatesBackend implements Backend {
    private static final String DEVICE = "candidates";

    private static List<Object> offered = List.of();

    /** Opens a device that offers these operations and services and nothing else, not even memory. */
    @MustBeClosed
    static Device open(Object... operations) {
        offered = List.of(operations);
        try {
            return Devices.named(DEVICE);
        } finally {
            offered = List.of();
        }
    }

    @Override
    public String name() {
        return DEVICE;
    }

    @Override
    public int rank() {
        return -200;
    }

    @Override
    public boolean mayServe(String device) {
        return device.equals(DEVICE);
    }

    @Override
    public List<DeviceInfo> devices() {
        return offered.isEmpty()
                ? List.of()
                : List.of(new DeviceInfo(DEVICE, name(), "operations of a test", Optional.empty(), false));
    }

    @Override
    public Session open(String device, DeviceOptions options) {
        return new TestSession(offered);
    }

    private record TestSession(List<Object> all) implements Session {
        @Override
        public Memory memory() {
            return new Memory() {
                @Override
                public String name() {
                    return DEVICE;
                }

                @Override
                public Block allocate(long bytes) {
                    throw new UnsupportedOperationException("this device has no memory");
                }
            };
        }

        @Override
        public String description() {
            return "operations of a test";
        }

        @Override
        public <O extends Operation> List<O> operations(Class<O> contract) {
            return all.stream().filter(contract::isInstance).map(contract::cast).toList();
        }

        @Override
        public <T> Optional<T> service(Class<T> type) {
            return all.stream().filter(type::isInstance).map(type::cast).findFirst();
        }

        @Override
        public void synchronize() {}

        @Override
        public void close() {}
    }
}
