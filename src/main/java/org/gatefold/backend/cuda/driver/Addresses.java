package org.gatefold.backend.cuda.driver;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

/** Device addresses as numbers and as the pointers that JCuda wants. */
public final class Addresses {
    private Addresses() {}

    /** A device pointer that JCuda fills in and that tells its address. */
    static final class Allocation extends CUdeviceptr {
        long address() {
            return getNativePointer();
        }
    }

    private static final class Raw extends Pointer {
        Raw(long address) {
            super(address);
        }
    }

    /** A pointer to a device address, for cuBLAS. */
    public static Pointer pointer(long address) {
        return new Raw(address);
    }

    /** A device pointer to an address, for the driver. */
    public static CUdeviceptr device(long address) {
        return new CUdeviceptr().withByteOffset(address);
    }
}
