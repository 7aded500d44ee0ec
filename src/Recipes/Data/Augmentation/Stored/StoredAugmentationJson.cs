using System.Text;
using System.Text.Json;

namespace Recipes.Data;

// The form of paug.json: [[top, left, height, width], [[operation, magnitude], ...] or null].
internal static class StoredAugmentationJson
{
    private const int LongestShown = 80;

    /// <summary>The augmentation; null where the JSON has another form. An operation that is null was skipped: nothing is done.</summary>
    public static StoredAugmentation? Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() != 2)
            return null;
        Span<int> crop = stackalloc int[4];
        if (json[0].ValueKind != JsonValueKind.Array || json[0].GetArrayLength() != crop.Length)
            return null;
        for (var i = 0; i < crop.Length; i++)
        {
            if (Whole(json[0][i]) is not { } side)
                return null;
            crop[i] = side;
        }
        StoredOperation[]? operations = null;
        if (json[1].ValueKind != JsonValueKind.Null)
        {
            operations = Operations(json[1]);
            if (operations is null)
                return null;
        }
        return new StoredAugmentation(crop[0], crop[1], crop[2], crop[3], operations);
    }

    /// <summary>The same text that Python's json.dumps gives.</summary>
    public static void Write(StringBuilder json, StoredAugmentation stored)
    {
        json.Append($"[[{stored.Top}, {stored.Left}, {stored.Height}, {stored.Width}], ");
        if (stored.Operations is null)
            json.Append("null");
        else
            PythonJson.List(
                json,
                stored.Operations,
                (to, operation) => PythonJson.Float(to.Append($"[{(int)operation.Op}, "), operation.Magnitude).Append(']')
            );
        json.Append(']');
    }

    /// <summary>The beginning of a value, for errors.</summary>
    public static string Short(JsonElement json)
    {
        var text = json.GetRawText();
        return text.Length <= LongestShown ? text : text[..LongestShown] + " ...";
    }

    private static StoredOperation[]? Operations(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array || !StoredAugmentation.FewEnough(json.GetArrayLength()))
            return null;
        var operations = new StoredOperation[json.GetArrayLength()];
        for (var i = 0; i < operations.Length; i++)
        {
            var pair = json[i];
            if (pair.ValueKind == JsonValueKind.Null)
                continue;
            if (
                pair.ValueKind != JsonValueKind.Array
                || pair.GetArrayLength() != 2
                || Whole(pair[0]) is not { } op
                || pair[1].ValueKind != JsonValueKind.Number
                || !pair[1].TryGetDouble(out var magnitude)
            )
                return null;
            operations[i] = new StoredOperation((ImageOp)op, magnitude);
        }
        return operations;
    }

    // Real files may hold whole numbers with a point.
    private static int? Whole(JsonElement json) =>
        json.ValueKind == JsonValueKind.Number
        && json.TryGetDouble(out var value)
        && value == Math.Floor(value)
        && Math.Abs(value) < 1 << 30
            ? (int)value
            : null;
}
