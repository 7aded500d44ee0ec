using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Recipes;

/// <summary>JSON as Python's json.dumps writes it, so that files which a Python program wrote come out byte for byte.</summary>
internal static class PythonJson
{
    /// <summary>A text in quotes; all but ASCII as \u escapes.</summary>
    public static StringBuilder Text(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                < ' ' or > '~' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }
        return json.Append('"');
    }

    /// <summary>A float as Python's repr has it: shortest, always with a point or an exponent.</summary>
    public static StringBuilder Float(StringBuilder json, double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? json.Append(text).Append(".0") : json.Append(text.Replace('E', 'e'));
    }

    /// <summary>A list; items are separated by a comma and a space.</summary>
    public static StringBuilder List<T>(StringBuilder json, IEnumerable<T> items, Action<StringBuilder, T> write)
    {
        json.Append('[');
        var first = true;
        foreach (var item in items)
        {
            if (!first)
                json.Append(", ");
            first = false;
            write(json, item);
        }
        return json.Append(']');
    }

    /// <summary>Any value; numbers keep the digits that they have.</summary>
    public static StringBuilder Value(StringBuilder json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.Append('{');
                var first = true;
                foreach (var property in value.EnumerateObject())
                {
                    Text(first ? json : json.Append(", "), property.Name).Append(": ");
                    Value(json, property.Value);
                    first = false;
                }
                return json.Append('}');
            case JsonValueKind.Array:
                return List(json, value.EnumerateArray(), (to, item) => Value(to, item));
            case JsonValueKind.String:
                return Text(json, value.GetString()!);
            default:
                return json.Append(value.GetRawText());
        }
    }
}
