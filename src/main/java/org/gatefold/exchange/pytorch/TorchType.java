package org.gatefold.exchange.pytorch;

import java.util.Map;
import org.gatefold.file.StoredType;

/**
 * An element type by PyTorch's names, of storages ({@code FloatStorage}) or of tensors ({@code float32}).
 *
 * @param stored how an element stands in a file; null for types that are not read, such as complex and quantised ones
 * @param isBytes whether the storage says nothing of its elements
 */
record TorchType(StoredType stored, boolean isBytes) {
    private static final Map<String, StoredType> TYPES = Map.ofEntries(
            Map.entry("FloatStorage", StoredType.F32),
            Map.entry("DoubleStorage", StoredType.F64),
            Map.entry("HalfStorage", StoredType.F16),
            Map.entry("BFloat16Storage", StoredType.BF16),
            Map.entry("LongStorage", StoredType.I64),
            Map.entry("IntStorage", StoredType.I32),
            Map.entry("ShortStorage", StoredType.I16),
            Map.entry("CharStorage", StoredType.I8),
            Map.entry("ByteStorage", StoredType.U8),
            Map.entry("BoolStorage", StoredType.BOOL),
            Map.entry("float32", StoredType.F32),
            Map.entry("float64", StoredType.F64),
            Map.entry("float16", StoredType.F16),
            Map.entry("bfloat16", StoredType.BF16),
            Map.entry("float8_e5m2", StoredType.F8_E5M2),
            Map.entry("float8_e4m3fn", StoredType.F8_E4M3),
            Map.entry("int64", StoredType.I64),
            Map.entry("int32", StoredType.I32),
            Map.entry("int16", StoredType.I16),
            Map.entry("int8", StoredType.I8),
            Map.entry("uint8", StoredType.U8),
            Map.entry("uint16", StoredType.U16),
            Map.entry("uint32", StoredType.U32),
            Map.entry("uint64", StoredType.U64),
            Map.entry("bool", StoredType.BOOL));

    /** The type of a name; null if it is none that is read. */
    static TorchType named(String name) {
        if (name.equals("UntypedStorage")) {
            return new TorchType(StoredType.U8, true);
        }
        StoredType stored = TYPES.get(name);
        return stored == null ? null : new TorchType(stored, false);
    }
}
