using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recipes.Reproductions.Parity;

// Fields that some golden files fill with words or parts where others have a number or a shape: these read as null. (A
// converter always has its value as a whole, so TrySkip does skip.)
internal sealed class NumberOrNothing : JsonConverter<long?>
{
    public override long? Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return reader.GetInt64();
        reader.TrySkip();
        return null;
    }

    public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options)
    {
        if (value is { } number)
            writer.WriteNumberValue(number);
        else
            writer.WriteNullValue();
    }
}

/// <summary>See <see cref="NumberOrNothing"/>: a shape, or empty where the file describes it in words.</summary>
internal sealed class ShapeOrNothing : JsonConverter<long[]>
{
    public override long[] Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.TrySkip();
            return [];
        }
        var shape = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            shape.Add(reader.GetInt64());
        return [.. shape];
    }

    public override void Write(Utf8JsonWriter writer, long[] value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var size in value)
            writer.WriteNumberValue(size);
        writer.WriteEndArray();
    }
}
