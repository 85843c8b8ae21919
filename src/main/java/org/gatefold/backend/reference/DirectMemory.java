package org.gatefold.backend.reference;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;

/**
 * Direct buffers whose memory can be given back without waiting for the garbage collector.
 *
 * <p>From Java 22 on they come from {@code java.lang.foreign.Arena}; before, they are ordinary direct buffers, freed by
 * {@code sun.misc.Unsafe.invokeCleaner}, which newer versions warn of. Both are looked up by name, because this class is
 * compiled for Java 17. Thread-safe.
 */
abstract class DirectMemory {
    static final int ALIGNMENT = 64;

    /**
     * Memory that is freed once, explicitly.
     *
     * @param bytes the memory, aligned to {@link #ALIGNMENT}
     * @param giveBack frees it, without arguments
     */
    record Region(ByteBuffer bytes, MethodHandle giveBack) {
        /** Gives the memory back; the buffer must not be used afterwards. */
        void free() {
            try {
                giveBack.invokeExact();
            } catch (Throwable e) {
                throw failure("free", e);
            }
        }
    }

    /**
     * A new region.
     *
     * @throws OutOfMemoryError if the JVM's limit of direct memory or the machine's memory is reached
     */
    abstract Region allocate(int bytes);

    /** The kind of memory that suits the running JVM. */
    static DirectMemory ofThisJvm() {
        try {
            return Runtime.version().feature() >= 22 ? new Arenas() : new Cleaned();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM offers no way to free direct memory: " + e, e);
        }
    }

    private static RuntimeException failure(String action, Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("cannot " + action + " direct memory: " + cause, cause);
    }

    /** Java 22 and newer: one shared arena a region. */
    private static final class Arenas extends DirectMemory {
        private final MethodHandle open;
        private final MethodHandle allocate;
        private final MethodHandle asBuffer;
        private final MethodHandle close;

        Arenas() throws ReflectiveOperationException {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            Class<?> arena = Class.forName("java.lang.foreign.Arena");
            Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
            open = lookup.findStatic(arena, "ofShared", MethodType.methodType(arena))
                    .asType(MethodType.methodType(Object.class));
            allocate = lookup.findVirtual(arena, "allocate", MethodType.methodType(segment, long.class, long.class))
                    .asType(MethodType.methodType(Object.class, Object.class, long.class, long.class));
            asBuffer = lookup.findVirtual(segment, "asByteBuffer", MethodType.methodType(ByteBuffer.class))
                    .asType(MethodType.methodType(ByteBuffer.class, Object.class));
            close = lookup.findVirtual(arena, "close", MethodType.methodType(void.class))
                    .asType(MethodType.methodType(void.class, Object.class));
        }

        @Override
        Region allocate(int bytes) {
            try {
                Object arena = (Object) open.invokeExact();
                Object segment;
                try {
                    segment = (Object) allocate.invokeExact(arena, (long) bytes, (long) ALIGNMENT);
                } catch (OutOfMemoryError e) {
                    close.invokeExact(arena);
                    throw e;
                }
                return new Region((ByteBuffer) asBuffer.invokeExact(segment), close.bindTo(arena));
            } catch (Throwable e) {
                throw failure("allocate", e);
            }
        }
    }

    /** Java 17 to 21. */
    private static final class Cleaned extends DirectMemory {
        private final MethodHandle clean;

        Cleaned() throws ReflectiveOperationException {
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            Field instance = unsafe.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            clean = MethodHandles.lookup()
                    .findVirtual(unsafe, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
                    .bindTo(instance.get(null));
        }

        @Override
        Region allocate(int bytes) {
            ByteBuffer whole = ByteBuffer.allocateDirect(bytes + ALIGNMENT);
            int from = (ALIGNMENT - whole.alignmentOffset(0, ALIGNMENT)) % ALIGNMENT;
            return new Region(whole.slice(from, bytes), clean.bindTo(whole));
        }
    }
}
