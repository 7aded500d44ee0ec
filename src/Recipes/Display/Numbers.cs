namespace Recipes.Display;

/// <summary>Numbers as a reader wants them: four significant digits, thousands grouped, very small and large ones with an exponent.</summary>
internal static class Numbers
{
    public const string Missing = "–";

    public static string Text(double value)
    {
        var size = Math.Abs(value);
        return size switch
        {
            0 => "0",
            double.NaN => "NaN",
            double.PositiveInfinity => value > 0 ? "∞" : "−∞",
            >= 1e9 and < 1e12 when value == Math.Truncate(value) && value % 1e6 != 0 => Sign(value.ToString("#,0")), // a count
            < 1e-3 or >= 1e9 => Sign(value.ToString("0.##e-0")),
            >= 999.95 => Sign(value.ToString("#,0")),
            >= 100 => Sign(value.ToString("0.#")),
            >= 10 => Sign(value.ToString("0.##")),
            >= 1 => Sign(value.ToString("0.###")),
            _ => Sign(value.ToString("0.####")),
        };
    }

    /// <summary>Three significant digits, where there is little room.</summary>
    public static string Short(double value) =>
        Math.Abs(value) switch
        {
            >= 999.5 and < 1e9 => Text(value),
            >= 100 and < 999.5 => Sign(value.ToString("0")),
            >= 10 and < 100 => Sign(value.ToString("0.#")),
            >= 1 and < 10 => Sign(value.ToString("0.##")),
            >= 1e-3 and < 1 => Sign(value.ToString("0.###")),
            _ => Text(value),
        };

    /// <summary>Whatever stands in a table: text, any number, or nothing. A format applies to numbers only.</summary>
    public static string Text(object? value, string format) =>
        value switch
        {
            null => Missing,
            string text => text,
            float or double or decimal or Half => Text(Convert.ToDouble(value), format),
            sbyte or byte or short or ushort or int or uint or long or ulong => format.Length > 0
                ? Text(Convert.ToDouble(value), format)
                : Sign(Convert.ToDecimal(value).ToString("#,0")),
            bool flag => flag ? "yes" : "no",
            TimeSpan time => Duration(time),
            _ => value.ToString() ?? Missing,
        };

    public static string Duration(TimeSpan time) =>
        time.TotalSeconds < 1 ? $"{time.TotalMilliseconds:0.#} ms"
        : time.TotalMinutes < 1 ? $"{time.TotalSeconds:0.#} s"
        : time.TotalHours < 1 ? $"{time.Minutes} min {time.Seconds} s"
        : $"{(int)time.TotalHours} h {time.Minutes} min";

    public static string Bytes(double bytes) => bytes >= 1L << 30 ? $"{bytes / (1L << 30):0.0} GiB" : $"{bytes / (1L << 20):0} MiB";

    private static string Text(double value, string format) =>
        format.Length == 0 || !double.IsFinite(value) ? Text(value) : Sign(value.ToString(format));

    // A true minus, as wide as the digits.
    private static string Sign(string text) => text.StartsWith('-') ? "−" + text[1..] : text;
}
