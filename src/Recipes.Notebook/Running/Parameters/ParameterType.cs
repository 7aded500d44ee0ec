using System.Globalization;
using System.Text;

namespace Recipes.Notebook.Running.Parameters;

// The types that a parameter can have: those of C#'s and F#'s literals that notebooks are run with.
internal sealed class ParameterType
{
    private const NumberStyles Whole = NumberStyles.AllowLeadingSign;
    private const NumberStyles Fraction = NumberStyles.Float;
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    private readonly string[] _names;
    private readonly Func<string, object?> _read;
    private readonly Func<object, bool, string> _literal;

    private ParameterType(string[] names, Func<string, object?> read, Func<object, bool, string> literal) =>
        (_names, _read, _literal) = (names, read, literal);

    private static IReadOnlyList<ParameterType> All { get; } =
    [
        new(["int", "Int32", "int32"], t => int.TryParse(t, Whole, Plain, out var v) ? v : null, (v, _) => Show(v)),
        new(["long", "Int64", "int64"], t => long.TryParse(t, Whole, Plain, out var v) ? v : null, (v, _) => $"{Show(v)}L"),
        new(["double", "Double", "float"], t => double.TryParse(t, Fraction, Plain, out var v) ? v : null, Real),
        new(["float", "Single", "float32", "single"], t => float.TryParse(t, Fraction, Plain, out var v) ? v : null, Real),
        new(["decimal", "Decimal"], t => decimal.TryParse(t, Fraction, Plain, out var v) ? v : null, (v, _) => $"{Show(v)}m"),
        new(["bool", "Boolean"], t => bool.TryParse(t, out var v) ? v : null, (v, _) => Show(v)),
        new(["string", "String"], t => t, (v, _) => Quote((string)v)),
    ];

    /// <summary>C#'s keyword, which is what messages say.</summary>
    public string Name => _names[0];

    /// <summary>The type that C# source calls so, or null.</summary>
    public static ParameterType? InCSharp(string name) => All.FirstOrDefault(t => t._names.Take(2).Contains(Short(name)));

    /// <summary>The type that F# source calls so, or null; F#'s float is C#'s double.</summary>
    public static ParameterType? InFSharp(string name) =>
        All.FirstOrDefault(t => t.Name == "float" ? t._names.Skip(1).Contains(Short(name)) : t._names.Contains(Short(name)));

    /// <summary>The type of a value, or null when parameters cannot have it.</summary>
    public static ParameterType? Of(object? value) => value is null ? null : All.FirstOrDefault(t => t._names[1] == value.GetType().Name);

    /// <summary>The value that a text on the command line stands for, or null.</summary>
    public object? Read(string text) => _read(text);

    /// <summary>The value as source text of either language.</summary>
    public string Literal(object value, bool fsharp) => _literal(value, fsharp);

    /// <summary>A value as one would give it on the command line.</summary>
    public static string Show(object? value) =>
        value switch
        {
            null => "null",
            bool truth => truth ? "true" : "false",
            IFormattable number => number.ToString(null, Plain),
            _ => value.ToString()!,
        };

    private static string Short(string name) => name.StartsWith("System.", StringComparison.Ordinal) ? name["System.".Length..] : name;

    private static string Real(object value, bool fsharp)
    {
        var (number, single) = value is float f ? (f, true) : ((double)value, false);
        if (!double.IsFinite(number))
        {
            var name =
                double.IsNaN(number) ? (fsharp ? "nan" : "NaN")
                : fsharp ? "infinity"
                : "PositiveInfinity";
            name = fsharp ? name + (single ? "f" : "") : $"{(single ? "float" : "double")}.{name}";
            return double.IsNegativeInfinity(number) ? $"-{name}" : name;
        }
        var text = Show(value);
        return (text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0") + (single ? "f" : "");
    }

    // Escapes that both languages know.
    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                _ when char.IsControl(c) || c is '\u2028' or '\u2029' => quoted.Append($"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        return quoted.Append('"').ToString();
    }
}
