package org.gatefold.file;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damaged versions of sound files, drawn from a seed: bytes that differ, and JSON whose values do. One thread. */
public final class Mutations {
    private static final int DEEP = 100;
    private static final int LONG = 20_000;

    private final Random random;

    public Mutations(long seed) {
        random = new Random(seed);
    }

    /** Where a value of a tree stands; the index counts if the parent is a list. */
    private record Place(JsonElement parent, String name, int index) {}

    /** One of so many. */
    public int draw(int count) {
        return random.nextInt(count);
    }

    /** The same tree with one or two values replaced, left out or added; never its root alone. */
    public JsonObject json(JsonObject sound) {
        JsonObject damaged = sound.deepCopy();
        for (int i = 0; i <= random.nextInt(2); i++) {
            mutate(damaged);
        }
        return damaged;
    }

    private void mutate(JsonObject root) {
        List<Place> places = new ArrayList<>();
        collect(root, places);
        if (places.isEmpty()) {
            root.add("added", odd(root));
            return;
        }
        Place place = places.get(random.nextInt(places.size()));
        int kind = random.nextInt(8);
        if (place.parent() instanceof JsonObject object) {
            JsonElement old = object.get(place.name());
            if (kind == 0) {
                object.remove(place.name());
            } else if (kind == 1) {
                object.add(place.name() + (random.nextBoolean() ? "x" : "x".repeat(LONG)), object.remove(place.name()));
            } else if (kind == 2 && isNumber(old)) {
                object.add(place.name(), new JsonPrimitive(nearby(old.getAsDouble())));
            } else {
                object.add(place.name(), odd(root));
            }
        } else {
            JsonArray array = place.parent().getAsJsonArray();
            switch (kind) {
                case 0 -> array.remove(place.index());
                case 1 -> array.add(array.get(place.index()).deepCopy());
                default -> array.set(place.index(), odd(root));
            }
        }
    }

    private static boolean isNumber(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
    }

    private double nearby(double value) {
        double[] others = {value + 1, value - 1, -value, value * 1000, value + 0.5, value * 1e9};
        return others[random.nextInt(others.length)];
    }

    private static void collect(JsonElement parent, List<Place> places) {
        if (parent instanceof JsonObject object) {
            object.keySet().forEach(name -> {
                places.add(new Place(object, name, 0));
                collect(object.get(name), places);
            });
        } else if (parent instanceof JsonArray array) {
            for (int i = 0; i < array.size(); i++) {
                places.add(new Place(array, "", i));
                collect(array.get(i), places);
            }
        }
    }

    /** A value that hardly any field expects, or that another one does. */
    private JsonElement odd(JsonObject root) {
        return switch (random.nextInt(22)) {
            case 0, 1 -> JsonNull.INSTANCE;
            case 2 -> new JsonPrimitive(true);
            case 3 -> new JsonPrimitive("");
            case 4 -> new JsonPrimitive("NaN");
            case 5 -> new JsonPrimitive("java.lang.Runtime");
            case 6 -> new JsonPrimitive(-1);
            case 7 -> new JsonPrimitive(0);
            case 8 -> new JsonPrimitive(Integer.MIN_VALUE);
            case 9 -> new JsonPrimitive(Integer.MAX_VALUE);
            case 10 -> new JsonPrimitive(Long.MAX_VALUE);
            case 11 -> new JsonPrimitive(BigInteger.TEN.pow(30));
            case 12 -> new JsonPrimitive(new BigDecimal("1e999"));
            case 13 -> new JsonPrimitive(0.5);
            case 14 -> new JsonPrimitive("x".repeat(LONG));
            case 15 -> new JsonArray();
            case 16 -> new JsonObject();
            case 17 -> nested(JsonNull.INSTANCE, 1);
            case 18 -> nested(new JsonPrimitive(1), DEEP);
            case 19 -> named(JsonNull.INSTANCE);
            default -> another(root);
        };
    }

    private static JsonElement nested(JsonElement inner, int depth) {
        JsonElement nested = inner;
        for (int i = 0; i < depth; i++) {
            JsonArray array = new JsonArray();
            array.add(nested);
            nested = array;
        }
        return nested;
    }

    private static JsonElement named(JsonElement inner) {
        JsonObject object = new JsonObject();
        object.add("inner", inner);
        return object;
    }

    private JsonElement another(JsonObject root) {
        List<Place> places = new ArrayList<>();
        collect(root, places);
        Place place = places.get(random.nextInt(places.size()));
        JsonElement found = place.parent() instanceof JsonObject object
                ? object.get(place.name())
                : place.parent().getAsJsonArray().get(place.index());
        return found.deepCopy();
    }

    /** The same bytes, of which some differ, are missing or come twice. */
    public byte[] bytes(byte[] sound) {
        byte[] damaged = sound.clone();
        int at = random.nextInt(damaged.length);
        int count = Math.min(damaged.length - at, 1 + random.nextInt(8));
        switch (random.nextInt(5)) {
            case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> {
                for (int i = 0; i < count; i++) {
                    damaged[at + i] = (byte) random.nextInt();
                }
            }
            case 2 -> damaged = Arrays.copyOf(damaged, at);
            case 3 -> damaged = joined(Arrays.copyOf(sound, at), Arrays.copyOfRange(sound, at + count, sound.length));
            default -> damaged = joined(Arrays.copyOf(sound, at + count), Arrays.copyOfRange(sound, at, sound.length));
        }
        return damaged;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
