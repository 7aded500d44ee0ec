using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.DotNet.Interactive.Formatting;

namespace Recipes.Notebook.Display;

// Microsoft.DotNet.Interactive.Formatting, with what we add to it and a limit to what it writes. Loaded at the first value
// that is not simple.
internal static class Package
{
    private const string Name = "Microsoft.DotNet.Interactive.Formatting";
    private const int MostText = 1_000_000;
    private const int MostNesting = 4;
    private static readonly ConditionalWeakTable<Type, object?> _attributed = [];
    private static readonly Lock _lock = new();
    private static volatile bool _loaded = Watch();

    [ThreadStatic]
    private static int _nesting;

    /// <summary>Whether someone registered a formatter for this type.</summary>
    public static bool IsRegistered(Type type) => _loaded && Registered(type);

    /// <summary>Whether the type bears the attribute, whoever declares it.</summary>
    public static bool IsAttributed(Type type) =>
        _attributed.GetValue(type, t => t.GetCustomAttributes(true).FirstOrDefault(a => a.GetType().Name == "TypeFormatterSourceAttribute"))
            is not null;

    /// <summary>The value's MIME types, <c>text/plain</c> left out.</summary>
    public static IReadOnlyList<string> Preferred(object value)
    {
        Prepare();
        return [.. Formatter.GetPreferredMimeTypesFor(value.GetType()).Where(type => type != "text/plain")];
    }

    /// <summary>The value as this type.</summary>
    /// <exception cref="InvalidOperationException">It would be longer than a million characters.</exception>
    public static string Text(object value, string mimeType)
    {
        // Our views call the package again, which then counts its depth anew; circles through them end here.
        if (_nesting == MostNesting)
            return mimeType == "text/html" ? WebUtility.HtmlEncode(value.GetType().Name) : value.GetType().Name;
        Prepare();
        _nesting++;
        try
        {
            using var writer = new Limited();
            using (var context = new FormatContext(writer))
                Formatter.FormatTo(value, context, mimeType);
            return writer.ToString();
        }
        finally
        {
            _nesting--;
        }
    }

    private static bool Watch()
    {
        AppDomain.CurrentDomain.AssemblyLoad += (_, e) => _loaded |= Is(e.LoadedAssembly);
        return Array.Exists(AppDomain.CurrentDomain.GetAssemblies(), Is);

        static bool Is(Assembly assembly) => assembly.FullName!.StartsWith(Name + ",", StringComparison.Ordinal);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Registered(Type type) =>
        Formatter.RegisteredFormatters(false).Any(f => f is not OwnFormatter && f.Type.IsAssignableFrom(type));

    // A user may reset the package, and ours with it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Prepare()
    {
        lock (_lock)
        {
            if (Formatter.RegisteredFormatters(false).Any(f => f is OwnFormatter))
                return;
            foreach (var type in Views.Types)
            {
                Formatter.Register(new OwnFormatter(type, "text/html"));
                Formatter.Register(new OwnFormatter(type, "text/plain"));
            }
        }
    }

    // Inside other values a short text; the whole view is for a value by itself.
    private sealed class OwnFormatter(Type type, string mimeType) : ITypeFormatter
    {
        public string MimeType => mimeType;

        public Type Type => type;

        public bool Format(object instance, FormatContext context)
        {
            if (context.Depth > 1 && Views.Short(instance) is { } brief)
                context.Writer.Write(mimeType == "text/html" ? WebUtility.HtmlEncode(brief) : brief);
            else if (Views.Of(instance) is { } view)
                context.Writer.Write(mimeType == "text/html" ? view.ToHtml() : view.ToString()!.TrimEnd('\n'));
            else
                return false;
            return true;
        }
    }

    private sealed class Limited : StringWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            base.Write(value);
            Check();
        }

        public override void Write(string? value)
        {
            base.Write(value);
            Check();
        }

        public override void Write(char[] buffer, int index, int count)
        {
            base.Write(buffer, index, count);
            Check();
        }

        public override void Write(ReadOnlySpan<char> buffer)
        {
            base.Write(buffer);
            Check();
        }

        private void Check()
        {
            if (GetStringBuilder().Length > MostText)
                throw new InvalidOperationException($"what it holds takes more than {MostText:#,0} characters; show a part of it");
        }
    }
}
