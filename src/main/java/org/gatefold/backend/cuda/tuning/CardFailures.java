package org.gatefold.backend.cuda.tuning;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.gatefold.op.plan.VerificationRecord;

/**
 * Which implementations failed on this card, kept in its records; a failure is looked up there once per process.
 * Thread-safe.
 */
public final class CardFailures implements VerificationRecord {
    private final CardRecords records;
    private final Map<String, Optional<String>> known = new ConcurrentHashMap<>();

    public CardFailures(CardRecords records) {
        this.records = records;
    }

    @Override
    public Optional<String> failure(String implementation) {
        return known.computeIfAbsent(
                implementation, name -> records.read(subject(name)).map(CardFailures::describe));
    }

    @Override
    public void failed(String implementation, String reason) {
        JsonObject entry = new JsonObject();
        entry.addProperty("date", LocalDate.now(ZoneId.systemDefault()).toString());
        entry.addProperty("reason", reason);
        records.write(subject(implementation), entry);
        known.put(implementation, Optional.of(describe(entry)));
    }

    @Override
    public void passed(String implementation) {
        records.remove(subject(implementation));
        known.put(implementation, Optional.empty());
    }

    private static String subject(String implementation) {
        return "failure of " + implementation;
    }

    private static String describe(JsonObject entry) {
        return "failed verification on this card on " + text(entry.get("date")) + ": " + text(entry.get("reason"))
                + "; 'gatefold doctor' checks it again";
    }

    private static String text(JsonElement element) {
        return element == null || !element.isJsonPrimitive() ? "?" : element.getAsString();
    }
}
