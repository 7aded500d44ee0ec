using System.Text.RegularExpressions;

namespace Recipes.Notebook.Cells.Magics;

/// <summary>A magic's words: <c>#!name value … --option value</c>.</summary>
internal sealed partial class MagicLine
{
    private readonly Dictionary<string, string> _options = new(StringComparer.OrdinalIgnoreCase);

    private MagicLine(string text) => Text = text;

    /// <summary>The whole line.</summary>
    public string Text { get; }

    /// <summary>Without <c>#!</c>.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Words that belong to no option.</summary>
    public List<string> Values { get; } = [];

    public static MagicLine Parse(string text)
    {
        var line = new MagicLine(text);
        string[] words = [.. Word().Matches(text).Select(m => m.Value is ['"', .., '"'] ? m.Value[1..^1] : m.Value)];
        line.Name = words[0].TrimStart('#', '!');
        for (var i = 1; i < words.Length; i++)
        {
            if (!words[i].StartsWith("--", StringComparison.Ordinal))
                line.Values.Add(words[i]);
            else if (i + 1 < words.Length)
                line._options[words[i][2..]] = words[++i];
            else
                throw CellException.Magic($"{text}: {words[i]} needs a value.");
        }
        return line;
    }

    /// <summary>An option's value, or null.</summary>
    public string? Option(string name) => _options.GetValueOrDefault(name);

    /// <summary>An option's value.</summary>
    /// <exception cref="CellException">It is missing.</exception>
    public string Required(string name) => Option(name) ?? throw CellException.Magic($"{Text}: --{name} is missing.");

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();
}
