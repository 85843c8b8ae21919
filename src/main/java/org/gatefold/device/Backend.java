package org.gatefold.device;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.gatefold.tensor.Lifetime;

/**
 * A provider of memory and operations, found by {@link java.util.ServiceLoader}.
 *
 * <p>Several backends may serve one device name; then the one of highest rank gives the memory and the operations of all
 * are offered in order of rank, the most general last. Constructing a backend must be cheap and must not fail: what is
 * missing is told by {@link #devices()}.
 */
public interface Backend {
    /** The backend's name, for instance {@code "reference"}, {@code "cpu.native"}, {@code "cuda"}. */
    String name();

    /** Higher ranks come first. */
    int rank();

    /** The devices this backend serves, with the reason where one cannot be opened. */
    List<DeviceInfo> devices();

    /** False if no device of this backend can have this name; asked before {@link #devices()}, which may load libraries. */
    default boolean mayServe(String device) {
        return true;
    }

    /** Opens an available device; the session is closed by the {@link Device}. */
    Session open(String device, DeviceOptions options);

    /** One backend's part in an open device. Thread-safe. */
    interface Session extends AutoCloseable {
        /** The memory, used if this session ranks first. */
        Memory memory();

        /**
         * A lifetime with nothing above it that ends before this session is closed, if it needs one: of the session that
         * ranks first it is the device's, so that a call on the device's memory keeps what the session frees.
         */
        default Optional<Lifetime> lifetime() {
            return Optional.empty();
        }

        /** A memory of the device that is written beside its work, one for each caller; empty if there is no such thing. */
        default Optional<UploadMemory> uploadMemory() {
            return Optional.empty();
        }

        /** A copy of so many floats that is waited for later, one for each caller; empty where the host reads memory at once. */
        default Optional<Download> download(int count) {
            return Optional.empty();
        }

        /** A stopwatch of the device's own, one for each caller; empty where work is done when its call returns. */
        default Optional<Stopwatch> stopwatch() {
            return Optional.empty();
        }

        /** Copies between host and device so far. */
        default Copies copies() {
            return Copies.NONE;
        }

        /** Hardware and code path in words, for instance {@code "2 threads, avx512"}. */
        String description();

        /** What a report on this machine should tell of hardware, drivers and libraries: name to value, in order. */
        default Map<String, String> properties() {
            return Map.of();
        }

        /** This backend's implementations of one contract, preferred first; may be empty. */
        <O extends Operation> List<O> operations(Class<O> contract);

        /**
         * A service of this backend that computes nothing itself, such as the choice between implementations; empty if it
         * has none of this type.
         */
        default <T> Optional<T> service(Class<T> type) {
            return Optional.empty();
        }

        /** Returns when all submitted work is done; by default at once, for operations that are done when their call returns. */
        default void synchronize() {}

        /** Ends the session; no operation of it is used afterwards. */
        @Override
        void close();
    }
}
