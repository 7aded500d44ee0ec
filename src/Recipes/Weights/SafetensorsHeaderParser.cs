using System.Text.Json;

namespace Recipes.Weights;

/// <summary>Reads a header's JSON token by token, because a DOM hides duplicate keys. Malformed JSON throws; whatever
/// is well-formed but wrong becomes a problem, and reading goes on.</summary>
internal sealed class SafetensorsHeaderParser
{
    private static readonly string[] Fields = ["dtype", "shape", "data_offsets"];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    public List<Entry> Entries { get; } = [];

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    public ProblemList Problems { get; } = new();

    /// <summary>Every tensor's offsets were readable, so that their layout can be judged.</summary>
    public bool AllRangesRead { get; private set; } = true;

    public void Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = Text(ref reader);
            if (!_names.Add(name))
                Problems.Add($"{name}: the name stands twice");
            reader.Read();
            if (name == SafetensorsHeader.MetadataKey)
                ReadMetadata(ref reader);
            else
                ReadEntry(ref reader, name);
        }
        reader.Read(); // throws when anything but white space follows
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (!IsObject(ref reader, SafetensorsHeader.MetadataKey))
            return;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = Text(ref reader);
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                Problems.Add($"{SafetensorsHeader.MetadataKey}.{key}: expected a string, found {Skip(ref reader)}");
            else if (!_metadata.TryAdd(key, Text(ref reader)))
                Problems.Add($"{SafetensorsHeader.MetadataKey}.{key}: the key stands twice");
        }
    }

    private void ReadEntry(ref Utf8JsonReader reader, string name)
    {
        Dtype? dtype = null;
        long[]? shape = null;
        long[]? range = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var before = Problems.Count;
        if (IsObject(ref reader, name))
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var field = Text(ref reader);
                if (!seen.Add(field))
                    Problems.Add($"{name}: {field} stands twice");
                reader.Read();
                if (field == "dtype")
                    dtype = ReadDtype(ref reader, name);
                else if (field == "shape")
                    shape = ReadIntegers(ref reader, name, field, SafetensorsHeader.MaxRank);
                else if (field == "data_offsets")
                    range = ReadIntegers(ref reader, name, field, 2);
                else
                    reader.Skip();
            }
            foreach (var field in Fields.Where(f => !seen.Contains(f)))
                Problems.Add($"{name}: {field} is missing");
        }
        if (range is { Length: not 2 })
            Problems.Add($"{name}: data_offsets holds {range.Length} numbers, expected 2");
        else if (range is not null && range[1] < range[0])
            Problems.Add($"{name}: data_offsets end at {range[1]}, before they begin at {range[0]}");
        else if (range is not null)
            Add(new Entry(name, dtype ?? Dtype.U8, shape ?? [], range[0], range[1] - range[0]), sized: Problems.Count == before);
        AllRangesRead &= range is { Length: 2 } && range[1] >= range[0];
    }

    private void Add(Entry entry, bool sized)
    {
        Entries.Add(entry);
        if (!sized)
            return;
        var bytes = ByteCount(entry.Dtype, entry.Shape);
        if (bytes is null)
            Problems.Add($"{entry}: the shape does not make a whole number of bytes below 2^63");
        else if (bytes != entry.Length)
            Problems.Add($"{entry}: needs {bytes} bytes, data_offsets give it {entry.Length}");
    }

    // Zeros are left out of the product, so that no order of dimensions hides an overflow from the code that allocates.
    private static long? ByteCount(Dtype dtype, IReadOnlyList<long> shape)
    {
        UInt128 bits = (UInt128)dtype.Bits();
        foreach (var size in shape.Where(s => s != 0))
        {
            bits *= (UInt128)size;
            if (bits > (UInt128)long.MaxValue * 8)
                return null;
        }
        if (shape.Contains(0))
            return 0;
        return bits % 8 == 0 && bits / 8 <= long.MaxValue ? (long)(bits / 8) : null;
    }

    private Dtype? ReadDtype(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            Problems.Add($"{name}: dtype is {Skip(ref reader)}, expected a string");
            return null;
        }
        var text = Text(ref reader);
        if (DtypeExtensions.TryParse(text, out var dtype))
            return dtype;
        Problems.Add($"{name}: unknown dtype {Clip(text)}{Nearest.Hint(Clip(text), DtypeExtensions.Names)}");
        return null;
    }

    private long[]? ReadIntegers(ref Utf8JsonReader reader, string name, string field, int most)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Problems.Add($"{name}: {field} is {Skip(ref reader)}, expected a list of integers");
            return null;
        }
        var numbers = new List<long>();
        var count = 0;
        var good = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var ok =
                reader.TokenType == JsonTokenType.Number
                && reader.TryGetInt64(out var number)
                && number >= 0
                && Keep(numbers, number, most);
            if (!ok && good)
                Problems.Add($"{name}: {field}[{count}] is {Skip(ref reader)}, expected at most {most} integers from 0 to 2^63 - 1");
            else if (!ok)
                reader.Skip();
            good &= ok;
            count++;
        }
        return good ? [.. numbers] : null;
    }

    private static bool Keep(List<long> numbers, long number, int most)
    {
        if (numbers.Count == most)
            return false;
        numbers.Add(number);
        return true;
    }

    private bool IsObject(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
            return true;
        Problems.Add($"{name}: expected an object, found {Skip(ref reader)}");
        return false;
    }

    // Leaves the reader on the value's last token and says in short what the value was.
    private static string Skip(ref Utf8JsonReader reader)
    {
        var text = reader.TokenType switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "a list",
            JsonTokenType.String => "a string",
            JsonTokenType.Number => System.Text.Encoding.UTF8.GetString(reader.ValueSpan[..Math.Min(40, reader.ValueSpan.Length)]),
            _ => reader.TokenType.ToString().ToLowerInvariant(),
        };
        reader.Skip();
        return text;
    }

    private static string Name(ref Utf8JsonReader reader) => Text(ref reader);

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a string holds half of a surrogate pair", e);
        }
    }

    private static string Clip(string text) => text.Length <= 40 ? text : text[..40] + "...";
}
