using System.Globalization;

namespace Recipes.Reproductions;

/// <summary>A number or choice of a reproduction that scales and <c>--set name=value</c> change.</summary>
public abstract class Setting
{
    private protected Setting(string name, string about, Type type)
    {
        (Name, About, Type) = (name, about, type);
    }

    /// <summary>The name in <c>--set</c>.</summary>
    public string Name { get; }

    /// <summary>One line for help.</summary>
    public string About { get; }

    internal Type Type { get; }

    /// <summary>The default at a scale, as text.</summary>
    public abstract string DefaultAt(Scale scale);

    /// <summary>What values are accepted, for errors and help.</summary>
    public abstract string Expects { get; }

    /// <summary>Why a text is no value of this setting, or null.</summary>
    public abstract string? Problem(string text);

    /// <summary>A whole number, with its values at smoke, laptop and paper scale.</summary>
    public static Setting<int> Whole(string name, int smoke, int laptop, int paper, string about, int least = 1) =>
        new(
            name,
            about,
            [smoke, laptop, paper],
            $"a whole number of at least {least}",
            t => int.TryParse(t, CultureInfo.InvariantCulture, out var v) && v >= least ? v : null
        );

    /// <summary>A number.</summary>
    public static Setting<double> Number(string name, double smoke, double laptop, double paper, string about, double least = 0) =>
        new(
            name,
            about,
            [smoke, laptop, paper],
            string.Create(CultureInfo.InvariantCulture, $"a number of at least {least}"),
            t => double.TryParse(t, CultureInfo.InvariantCulture, out var v) && double.IsFinite(v) && v >= least ? v : null
        );

    /// <summary>Any text.</summary>
    public static Setting<string> Text(string name, string smoke, string laptop, string paper, string about) =>
        new(name, about, [smoke, laptop, paper], "text", t => t);

    /// <summary>One of several words.</summary>
    public static Setting<string> Choice(
        string name,
        IReadOnlyList<string> choices,
        string smoke,
        string laptop,
        string paper,
        string about
    ) => new(name, about, [smoke, laptop, paper], "one of " + string.Join(", ", choices), t => choices.Contains(t) ? t : null);
}

/// <summary>A setting and the type of its values.</summary>
public sealed class Setting<T> : Setting
{
    private readonly IReadOnlyList<T> _defaults;
    private readonly Func<string, object?> _parse;

    internal Setting(string name, string about, IReadOnlyList<T> defaults, string expects, Func<string, object?> parse)
        : base(name, about, typeof(T))
    {
        (_defaults, _parse, Expects) = (defaults, parse, expects);
    }

    /// <inheritdoc/>
    public override string Expects { get; }

    /// <inheritdoc/>
    public override string DefaultAt(Scale scale) => Convert.ToString(_defaults[(int)scale], CultureInfo.InvariantCulture)!;

    /// <inheritdoc/>
    public override string? Problem(string text) => _parse(text) is null ? $"{Name}={text}: expected {Expects}" : null;

    internal T Parse(string text) => (T)_parse(text)!;
}
